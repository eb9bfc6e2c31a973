import { open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Emit, start, throwIfAborted } from '@katavm/core';
import type { LibvirtAdapter } from '../adapter.js';
import { diskFailed } from './failures.js';
import { imageInfo } from './image-info.js';

/**
 * Copies an image and all that is below it into one qcow2 file without a backing file; zeroes are left out. The file has its
 * name only when it is whole and on the disk. Emits progress in bytes of the virtual disk.
 *
 * @throws KATAVM_DISK_FULL, KATAVM_DISK_IN_USE, KATAVM_DISK_BACKING_MISSING, KATAVM_DISK_NOT_FOUND, KATAVM_DISK_FAILED.
 */
export const flatten: LibvirtAdapter['flatten'] = async ({ from, to, signal, emit }) => {
  throwIfAborted(signal);
  const target = resolve(to);
  const partial = `${target}.partial`;
  const { format, virtualSizeBytes } = await imageInfo(from, signal);
  try {
    const args = ['convert', '-p', '-f', format, '-O', 'qcow2', resolve(from), partial];
    await convert(args, `copy ${from} to ${to}`, { signal, emit: progressOf(virtualSizeBytes, to, emit) });
    await sync(partial);
    await rename(partial, target);
    await sync(dirname(target));
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
};

interface Listening {
  readonly signal: AbortSignal | undefined;
  readonly emit: (percent: number) => void;
}

/** qemu-img rewrites one line of progress, which has no line end: `(12.00/100%)`, and so it is not run by `exec`. */
async function convert(args: readonly string[], doing: string, { signal, emit }: Listening): Promise<void> {
  const process = start('qemu-img', args, { signal });
  let said = '';
  process.stdout.setEncoding('utf8').on('data', (text: string) => {
    const percent = text.match(/\d+\.\d+(?=\/100%)/g)?.at(-1);
    if (percent !== undefined) emit(Number(percent));
  });
  process.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const { failure } = await process.ended;
  throwIfAborted(signal);
  if (failure !== undefined) throw diskFailed(doing, said || failure);
}

function progressOf(total: number, what: string, emit: Emit): Listening['emit'] {
  return (percent) => emit({ type: 'progress', what, done: Math.round((total * percent) / 100), total, unit: 'bytes' });
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
