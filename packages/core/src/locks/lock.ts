import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { throwIfAborted } from '../errors/aborted.js';
import { KatavmError } from '../errors/katavm-error.js';
import { start } from '../exec/exec.js';

export interface LockOptions {
  /** Default `exclusive`. */
  readonly mode?: 'exclusive' | 'shared';
  /** `false`: give up at once when another process holds it. Default `true`. */
  readonly wait?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Lock {
  readonly path: string;
  release(): Promise<void>;
}

/** What flock(1) is told to exit with when the lock is held; its own failures are 64 and up (sysexits.h). */
const heldExitCode = 9;

/**
 * Takes an advisory lock on a file, made if it is absent, and never deleted: deleting a lock file races with its next taker.
 *
 * Node has no flock(2), so a flock(1) child holds it and ends when this process's end of its stdin closes: the kernel
 * therefore frees the lock however this process dies, by SIGKILL too, and no stale lock has ever to be judged.
 *
 * @returns the lock, or `undefined` when `wait` is false and another holds it.
 * @throws KATAVM_LOCK_FAILED when the file cannot be made or flock(1) is missing.
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<Lock | undefined> {
  throwIfAborted(options.signal);
  await mkdir(dirname(path), { recursive: true });
  const args = [
    options.mode === 'shared' ? '--shared' : '--exclusive',
    ...(options.wait === false ? ['--nonblock'] : []),
    ...['--conflict-exit-code', String(heldExitCode)],
    ...[path, 'sh', '-c', 'echo held; exec cat'],
  ];
  const holder = start('flock', args, { detached: true });
  const abort = () => holder.kill('SIGKILL');
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    const outcome = await Promise.race([once(holder.stdout, 'data').then(() => 'held' as const), holder.ended]);
    if (outcome === 'held') return { path, release: () => release(holder) };
    throwIfAborted(options.signal);
    if (outcome.exitCode === heldExitCode) return undefined;
    throw new KatavmError({
      code: 'KATAVM_LOCK_FAILED',
      message: `could not lock ${path}: ${outcome.failure ?? 'flock ended'}`,
      hint: 'check that the folder can be written and that flock (util-linux) is installed',
    });
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

async function release(holder: ReturnType<typeof start>): Promise<void> {
  holder.stdin.end();
  await holder.ended;
}

/** Runs `work` while the lock is held. */
export async function withLock<T>(path: string, options: Omit<LockOptions, 'wait'>, work: () => Promise<T>): Promise<T> {
  const lock = await acquireLock(path, options);
  try {
    return await work();
  } finally {
    await lock?.release();
  }
}
