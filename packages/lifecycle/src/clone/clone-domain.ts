import { join } from 'node:path';
import type { VmConfig } from '@katavm/config';
import { parseVmName } from '@katavm/core';
import type { DomainBoot, DomainSpec } from '@katavm/libvirt';
import type { Context } from '../context/context.js';
import { identitySerial } from '../identity/identity-disk.js';
import type { CloneRecord } from '../state/clone-record.js';
import type { Generation } from '../state/generations.js';

export const rootSerial = 'katavm-root';

/** The files of a clone's folder. */
export function cloneFiles(directory: string) {
  return {
    disk: join(directory, 'disk.qcow2'),
    identity: join(directory, 'identity.tar'),
    console: join(directory, 'console.log'),
    /** The socket by which a clone that was paused or restored is woken; one that boots for its job has none. */
    wake: join(directory, 'wake'),
    /** The pipe that a clone of the pool lives on, whoever owns it. */
    lifeline: join(directory, 'lifeline'),
  };
}

/** The domain of a clone: its overlay on the generation's disk, and the disk that says who it is. */
export function cloneSpec(
  context: Context,
  config: VmConfig,
  record: CloneRecord,
  generation: Generation,
  canBeWoken: boolean,
): DomainSpec {
  const files = cloneFiles(context.state.clone(record.name));
  return {
    name: parseVmName(record.name),
    uuid: record.uuid,
    vcpus: config.vm.vcpus,
    memory: config.vm.memory,
    acceleration: record.acceleration,
    cpu: config.vm.cpu,
    disks: [
      {
        path: files.disk,
        format: 'qcow2',
        backing: { path: generation.disk, format: 'qcow2' },
        serial: rootSerial,
        readOnly: false,
      },
      { path: files.identity, format: 'raw', serial: identitySerial, readOnly: true },
    ],
    boot: cloneBoot(generation, record),
    network: config.vm.network,
    macAddress: record.macAddress,
    consoleLog: files.console,
    wakeSocket: canBeWoken ? files.wake : undefined,
    metadata: {
      config: record.config,
      generation: record.generation,
      clone: record.name,
      purpose: record.purpose,
      owner: record.owner,
      created: record.created,
      home: context.state.home,
    },
  };
}

/**
 * PID 1 reads machine-id and hostname before any unit runs; on a kernel that is booted directly they can be said on its
 * command line. A disk with a boot loader gets a machine-id of systemd's own, and its hostname from the identity unit.
 */
function cloneBoot({ manifest: { boot }, directory }: Generation, record: CloneRecord): DomainBoot {
  if (boot.kind === 'disk') return boot;
  const identity = `systemd.machine_id=${record.uuid.replaceAll('-', '')} systemd.hostname=${record.name}`;
  return {
    kind: 'kernel',
    kernel: join(directory, boot.kernel.file),
    initrd: boot.initrd && join(directory, boot.initrd.file),
    commandLine: `${boot.commandLine} ${identity}`,
  };
}
