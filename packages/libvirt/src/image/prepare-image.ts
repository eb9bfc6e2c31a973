import { open } from 'node:fs/promises';
import { type MiB, messageOf } from '@katavm/core';
import { refused } from '../virsh/refused.js';
import type { Virsh } from '../virsh/virsh.js';
import { imageFiles } from './image-files.js';
import { makeMemoryVolume } from './memory-volume.js';

/**
 * Makes the file that the guest's memory will be in, for the user that QEMU runs as: QEMU opens it for writing, also where it writes
 * to a private copy only (before 8.2), and libvirt, which does not know of it, hands over disks alone. Whoever asks can read it.
 */
export async function prepareImage(virsh: Virsh, folder: string, memory: MiB): Promise<void> {
  const { output, failure } = await virsh.run(['capabilities']);
  if (failure !== undefined) throw refused('read what this host is', failure);
  const owner = qemuUser(output);
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  // Root alone may give a file away.
  if (owner && uid !== 0 && owner.uid !== uid) {
    await makeMemoryVolume(virsh, folder, memory, { owner: owner.uid, group: gid });
    return;
  }
  const file = await open(imageFiles(folder).memory, 'wx', 0o600);
  try {
    await file.truncate(memory * 1024 ** 2);
    if (owner) await file.chown(owner.uid, owner.gid);
  } catch (error) {
    throw refused("make the file of a guest's memory for the user whom QEMU runs as", messageOf(error));
  } finally {
    await file.close();
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
