import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExecResult, exec, ignoreEvents, type MiB, type VmName } from '@katavm/core';
import type { HypervisorWorld } from '../src/contract/index.js';
import { adapter, type DomainSpec, defaultUri } from '../src/index.js';

export const uri = defaultUri();

export function virsh(...args: string[]): Promise<ExecResult> {
  return exec('virsh', ['--quiet', '--connect', uri, ...args]);
}

/** Where root's libvirt is not running and nothing else would start it, as in a container: as "setup-host" does. */
async function startLibvirt(): Promise<void> {
  if (uri !== 'qemu:///system' || (await answers())) return;
  await exec('virtlogd', ['--daemon']);
  await exec('libvirtd', ['--daemon']);
}

async function answers(): Promise<boolean> {
  return virsh('uri').then(
    () => true,
    () => false,
  );
}

export interface RealWorld extends HypervisorWorld {
  readonly folder: string;
  remove(): Promise<void>;
}

/** Domains of 64 MiB with an empty disk: firmware that finds nothing to boot. /var/tmp: QEMU's user cannot look into a private /tmp. */
export async function realWorld(): Promise<RealWorld> {
  await startLibvirt();
  const folder = await mkdtemp('/var/tmp/katavm-contract-');
  await chmod(folder, 0o711);
  return {
    folder,
    remove: () => rm(folder, { recursive: true, force: true }),
    connect: () => adapter.connect({ uri, emit: ignoreEvents }),
    share: async () => {
      const lifeline = join(folder, `${randomUUID()}.lifeline`);
      const connection = await adapter.connectShared({ uri, lifeline, emit: ignoreEvents });
      return { connection, hold: () => adapter.holdLifeline(lifeline) };
    },
    spec: (name) => tinySpec(name, folder),
    addForeign: async (name) => {
      const file = join(folder, `${name}.xml`);
      await writeFile(file, `<domain type='qemu'><name>${name}</name><memory>65536</memory><os><type>hvm</type></os></domain>`);
      await virsh('define', file);
    },
    removeForeign: async (name) => {
      await virsh('undefine', name);
    },
    halt: async (name) => {
      await virsh('qemu-monitor-command', '--domain', name, '--hmp', '--cmd', 'stop');
    },
    hasForeign: async (name) => (await virsh('domstate', name)).stdout === 'shut off',
  };
}

export async function tinySpec(name: VmName, folder: string): Promise<DomainSpec> {
  const path = join(folder, `${name}.raw`);
  await writeFile(path, '');
  await truncate(path, 1024 ** 2);
  const uuid = randomUUID();
  return {
    name,
    uuid,
    vcpus: 1,
    memory: 64 as MiB,
    acceleration: 'tcg',
    cpu: 'host-passthrough',
    disks: [{ path, format: 'raw', serial: 'katavm-root', readOnly: false }],
    boot: { kind: 'disk' },
    network: { kind: 'user' },
    macAddress: `52:54:00:${[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`,
    consoleLog: join(folder, `${name}.log`),
    metadata: {
      config: 'contract',
      generation: 'none',
      clone: name,
      purpose: 'job',
      owner: 'contract@localhost:1',
      created: new Date().toISOString(),
      home: folder,
    },
  };
}
