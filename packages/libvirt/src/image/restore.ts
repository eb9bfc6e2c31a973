import { open } from 'node:fs/promises';
import { refused } from '../virsh/refused.js';
import { Virsh, virshOnPipe } from '../virsh/virsh.js';
import { imageFiles } from './image-files.js';
import { ask, giveFile, leaveMemory, migrated, type QemuMonitor } from './qemu-monitor.js';

/**
 * Starts a domain with the memory and the devices of an image, paused. QEMU maps the memory's file and copies a page when the
 * guest writes to it: clones of one image share what none of them has changed.
 */
export async function restore(
  monitor: QemuMonitor,
  { folder, dieWithUs }: { readonly folder: string; readonly dieWithUs: boolean },
): Promise<void> {
  const { virsh, uuid, doing } = monitor;
  const file = await open(imageFiles(folder).state, 'r');
  // It connects while QEMU starts: 20 to 40 ms that nobody waits for.
  const carrier = new Virsh(virsh.uri, virsh.signal, virshOnPipe(virsh.uri, file.fd));
  try {
    const { failure } = await virsh.run(['start', '--domain', uuid, '--paused', ...(dieWithUs ? ['--autodestroy'] : [])]);
    if (failure !== undefined) throw refused(doing, failure);
    await leaveMemory(monitor);
    const given = await giveFile(monitor, carrier);
    await ask(monitor, 'migrate-incoming', { arguments: { uri: given.uri } });
    await migrated(monitor);
    await given.close();
  } finally {
    await carrier.close();
    await file.close();
  }
}
