import { open } from 'node:fs/promises';
import { parseState } from '../connection/domains.js';
import { refused } from '../virsh/refused.js';
import { Virsh, virshOnPipe } from '../virsh/virsh.js';
import { imageFiles } from './image-files.js';
import { ask, giveFile, leaveMemory, migrated, type QemuMonitor } from './qemu-monitor.js';

/**
 * Writes the state of a paused domain's devices into the image's folder; its memory is there already, since QEMU shares it with
 * the file. QEMU lets go of its disks in doing so: they are complete, too.
 */
export async function saveImage(monitor: QemuMonitor, folder: string): Promise<void> {
  const { virsh, uuid, doing } = monitor;
  const { output } = await virsh.run(['domstate', '--domain', uuid, '--reason']);
  // QEMU would save what runs, too, and stop it at a moment of its own choice.
  if (parseState(output) !== 'paused') throw refused(doing, `it is ${output.trim()}, and must be paused`);
  const file = await open(imageFiles(folder).state, 'w', 0o600);
  const carrier = new Virsh(virsh.uri, virsh.signal, virshOnPipe(virsh.uri, file.fd));
  try {
    await leaveMemory(monitor);
    const { uri } = await giveFile(monitor, carrier);
    await ask(monitor, 'migrate', { arguments: { uri } });
    await migrated(monitor);
    await file.sync();
  } finally {
    await carrier.close();
    await file.close();
  }
}
