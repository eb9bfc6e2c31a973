import type { Emit } from '@katavm/core';
import type { GlobalOptions } from '../runtime/global-options.js';
import { PlainProgress } from './plain-progress.js';
import { TtyProgress } from './tty-progress.js';

/** Shows events on stderr. */
export interface Progress {
  readonly emit: Emit;
  close(): void;
}

export function createProgress({ progress, verbose }: GlobalOptions): Progress {
  // A closed stderr must not end a job: what it would have shown is lost, and nothing else.
  process.stderr.on('error', () => {});
  const mode = progress === 'auto' ? (process.stderr.isTTY ? 'tty' : 'plain') : progress;
  if (mode === 'quiet') return { emit: () => {}, close: () => {} };
  const write = (text: string) => void process.stderr.write(text);
  return mode === 'tty' ? new TtyProgress(write, verbose) : new PlainProgress(write, verbose);
}
