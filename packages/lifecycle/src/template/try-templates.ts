import { randomUUID } from 'node:crypto';
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type MiB, toVmName, UndoStack, type VmName, withLock } from '@katavm/core';
import type { DomainDisk, DomainSpec, Hypervisor, MemoryImage } from '@katavm/libvirt';
import { removeOwnDomain } from '../clone/remove-domain.js';
import type { Context } from '../context/context.js';
import { randomMacAddress } from '../identity/mac-address.js';
import { templateLockName } from './take-template.js';
import { partialName } from './template-folder.js';
import { saveAndEnd } from './warm-guest.js';

/** Where a config's templates would be; no config has such a name. gc takes what a killed trial left as it takes a killed taking. */
const trial = '.trial';

/** The firmware needs 16. */
const memory = 64 as MiB;

/**
 * Takes the memory image of a guest without a system, and restores it, where templates are. Believes nothing less: that virsh passes
 * descriptors, QEMU leaves the memory where it is, libvirt takes such a domain, and what confines QEMU lets it at the file.
 *
 * @throws what keeps this host from having templates, in the words of whoever refused.
 */
export async function tryTemplates(context: Context, uri: string): Promise<void> {
  await withLock(context.state.lock(templateLockName(trial)), {}, async () => {
    const undo = new UndoStack(context.emit);
    const parent = context.state.templatesOf(trial);
    undo.push(`folder ${parent}`, () => rm(parent, { recursive: true, force: true }));
    try {
      await takeAndRestore(context, await context.connect(uri), undo);
    } finally {
      await undo.unwind();
    }
  });
}

async function takeAndRestore(context: Context, hypervisor: Hypervisor, undo: UndoStack): Promise<void> {
  const folder = context.state.template(trial, partialName);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const disk = await makeDisk(context, folder);
  const { machine } = await hypervisor.platform('tcg');
  const define = async (use: MemoryImage['use']): Promise<VmName> => {
    const name = toVmName('katavm-trial', `-${randomUUID().slice(0, 8)}`);
    undo.push(`domain ${name}`, () => removeOwnDomain(hypervisor, context.state, name));
    await hypervisor.define({ ...trialSpec(context, name, disk), machine, image: { folder, use } });
    return name;
  };
  await hypervisor.prepareImage(folder, memory);
  const taken = await define('take');
  await hypervisor.start(taken, { dieWithUs: true });
  await saveAndEnd(hypervisor, taken, folder);
  await hypervisor.restore(await define('restore'), { folder, dieWithUs: true });
}

/** An overlay, as a clone's disk is: libvirt then looks itself whether the user whom QEMU runs as can reach it, and says so. */
async function makeDisk({ adapters }: Context, folder: string): Promise<DomainDisk> {
  const [path, backing] = [join(folder, 'disk.qcow2'), { path: join(folder, 'backing.raw'), format: 'raw' } as const];
  await writeFile(backing.path, '');
  await truncate(backing.path, 1024 ** 2);
  await adapters.libvirt.createOverlay({ path, backing });
  return { path, format: 'qcow2', serial: 'katavm-root', readOnly: false, backing };
}

function trialSpec(context: Context, name: VmName, disk: DomainDisk): DomainSpec {
  return {
    name,
    uuid: randomUUID(),
    vcpus: 1,
    memory,
    acceleration: 'tcg',
    cpu: 'maximum',
    disks: [disk],
    boot: { kind: 'disk' },
    network: { kind: 'user' },
    macAddress: randomMacAddress(),
    consoleLog: `${disk.path}.log`,
    metadata: {
      config: trial,
      generation: 'none',
      clone: name,
      purpose: 'template',
      owner: context.owner,
      created: new Date().toISOString(),
      home: context.state.home,
    },
  };
}
