import type { Readable } from 'node:stream';
import { start } from '@katavm/core';
import type { Descriptors } from '../adapter.js';

export interface Feeder {
  /** For one process to take as its stdin, in the same turn. */
  readonly stdout: Readable;
  /** Resolves when everything was read. */
  readonly inputEnded: Promise<void>;
  kill(): void;
}

/**
 * Puts back what was read of a descriptor: a pipe takes nothing back, so that a `cat` gives it and then the descriptor's own bytes.
 * Its end also tells when the input has ended, which OpenSSH's client does not.
 */
export function feedDescriptor({ stdin, alreadyRead }: Descriptors): Feeder | undefined {
  if (alreadyRead === undefined) return undefined;
  // As descriptor 0: there libuv clears O_NONBLOCK, which Node has set and cat cannot read with.
  const cat = start('sh', ['-c', 'cat <&3 && exec cat 3<&-'], {
    batch: true,
    shielded: true,
    diesWithUs: true,
    stdin,
    third: alreadyRead,
  });
  return { stdout: cat.stdout, inputEnded: cat.ended.then(() => {}), kill: () => cat.kill() };
}
