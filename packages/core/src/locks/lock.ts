import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { throwIfAborted } from '../errors/aborted.js';
import { messageOf } from '../errors/describe.js';
import { KatavmError } from '../errors/katavm-error.js';
import { type RunningProcess, start } from '../exec/start.js';

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
 * Node has no flock(2), so a child holds it and ends when this process's end of its stdin closes: the kernel therefore frees
 * the lock however this process dies, by SIGKILL too, and no stale lock has ever to be judged. `--no-fork` makes flock(1)
 * itself become the holder: killed at any moment, it leaves no child behind that keeps the lock.
 *
 * @returns the lock, or `undefined` when `wait` is false and another holds it.
 * @throws KATAVM_LOCK_FAILED when the file cannot be made or flock(1) is missing; KATAVM_INTERRUPTED.
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<Lock | undefined> {
  await mkdir(dirname(path), { recursive: true }).catch((error) => {
    throw lockFailed(path, messageOf(error));
  });
  // After the last await before the listener is there: an abort in between would never be noticed.
  throwIfAborted(options.signal);
  const holder = start('flock', flockArguments(path, options), { shielded: true });
  const complaint = textOf(holder);
  const abort = () => holder.kill('SIGKILL');
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    const outcome = await Promise.race([once(holder.stdout, 'data').then(() => 'held' as const), holder.ended]);
    // Also when it was held just now: `abort` has killed the holder.
    throwIfAborted(options.signal);
    if (outcome === 'held') return { path, release: () => release(holder) };
    if (outcome.exitCode === heldExitCode) return undefined;
    throw lockFailed(path, complaint() || outcome.failure || 'flock ended at once');
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
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

function flockArguments(path: string, options: LockOptions): string[] {
  const mode = options.mode === 'shared' ? '--shared' : '--exclusive';
  const patience = options.wait === false ? ['--nonblock', '--conflict-exit-code', String(heldExitCode)] : [];
  return [mode, '--no-fork', ...patience, path, 'sh', '-c', 'echo held; exec cat'];
}

async function release(holder: RunningProcess): Promise<void> {
  holder.stdin.end();
  await holder.ended;
}

function textOf(holder: RunningProcess): () => string {
  let text = '';
  holder.stderr.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  return () => text.trim();
}

function lockFailed(path: string, reason: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_LOCK_FAILED',
    message: `could not lock ${path}: ${reason}`,
    hint: 'check that the folder can be written and that flock (util-linux) is installed',
  });
}
