import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { type MiB, withUnnamedFile } from '@katavm/core';
import { refused } from '../virsh/refused.js';
import type { Virsh } from '../virsh/virsh.js';
import { element, serialize } from '../xml/element.js';
import { imageFiles } from './image-files.js';

/** Who may use the file: QEMU writes it, the group reads it. */
export interface VolumeRights {
  readonly owner: number;
  readonly group: number;
}

/**
 * Lets libvirt make the memory's file, as a volume of a pool that is there for this moment only: an ordinary user cannot give a file
 * away, and libvirt, which may, hands over a domain's disks alone.
 */
export async function makeMemoryVolume(virsh: Virsh, folder: string, memory: MiB, rights: VolumeRights): Promise<void> {
  // The same name for the same folder: what a killed run has left is in the way of nobody.
  const pool = `katavm-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`;
  const leave = () => virsh.run(['pool-destroy', '--pool', pool]);
  await leave();
  const made = await virsh.run(['pool-create-as', '--name', pool, '--type', 'dir', '--target', folder]);
  if (made.failure !== undefined) throw notMade(made.failure);
  try {
    const xml = volumeXml(folder, memory, rights);
    const { failure } = await withUnnamedFile(xml, (file) => virsh.run(['vol-create', '--pool', pool, '--file', file]));
    if (failure !== undefined) throw notMade(failure);
  } finally {
    await leave();
  }
}

function notMade(said: string): Error {
  return refused("make the file of a guest's memory for the user whom QEMU runs as", said);
}

function volumeXml(folder: string, memory: MiB, { owner, group }: VolumeRights): string {
  const permissions = element(
    'permissions',
    {},
    element('mode', {}, '0640'),
    element('owner', {}, owner),
    element('group', {}, group),
  );
  return serialize(
    element(
      'volume',
      {},
      element('name', {}, basename(imageFiles(folder).memory)),
      element('capacity', { unit: 'MiB' }, memory),
      element('allocation', {}, 0),
      element('target', {}, element('format', { type: 'raw' }), permissions),
    ),
  );
}
