import { chown, open } from 'node:fs/promises';
import { type MiB, messageOf } from '@katavm/core';
import { refused } from '../virsh/refused.js';
import type { Virsh } from '../virsh/virsh.js';
import { imageFiles } from './image-files.js';

/**
 * Makes the file that the guest's memory will be in, and hands it to the user that QEMU runs as: QEMU opens it for writing, also
 * where it writes to a private copy only (before 8.2), and libvirt, which does not know of it, hands over disks alone.
 */
export async function prepareImage(virsh: Virsh, folder: string, memory: MiB): Promise<void> {
  const { memory: path } = imageFiles(folder);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.truncate(memory * 1024 ** 2);
  } finally {
    await file.close();
  }
  const { output, failure } = await virsh.run(['capabilities']);
  if (failure !== undefined) throw refused('read what this host is', failure);
  const owner = qemuUser(output);
  if (owner === undefined) return;
  try {
    await chown(path, owner.uid, owner.gid);
  } catch (error) {
    throw refused(`hand a guest's memory to user ${owner.uid}, whom QEMU runs as`, messageOf(error));
  }
}

/**
 * Whom QEMU runs as, from the host's capabilities; `undefined` where libvirt hands nothing over (qemu:///session, where QEMU runs
 * as who asks).
 */
export function qemuUser(capabilities: string): { readonly uid: number; readonly gid: number } | undefined {
  const dac = /<model>dac<\/model>[\s\S]*?<baselabel type='qemu'>\+(\d+):\+(\d+)<\/baselabel>/.exec(capabilities);
  return dac ? { uid: Number(dac[1]), gid: Number(dac[2]) } : undefined;
}
