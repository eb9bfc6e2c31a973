import { join } from 'node:path';

/** A memory image: the guest's memory as it was, and the state of its devices, in QEMU's migration format without the memory. */
export function imageFiles(folder: string) {
  return { memory: join(folder, 'memory'), state: join(folder, 'state') };
}
