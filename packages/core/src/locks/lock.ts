import { closeSync, openSync } from 'node:fs';
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
 * Node has no flock(2), so flock(1) takes the lock, on a file that this process has opened and hands to it. The lock belongs to that
 * opening, not to a process: it stays when flock(1) has ended, and the kernel frees it when this process closes the file, or dies,
 * however it dies. No stale lock has ever to be judged.
 *
 * @returns the lock, or `undefined` when `wait` is false and another holds it.
 * @throws KATAVM_LOCK_FAILED when the file cannot be made or flock(1) is missing; KATAVM_INTERRUPTED.
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<Lock | undefined> {
  const file = await openFile(path);
  try {
    if (await lockFile(file, path, options)) return heldLock(path, file);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  closeSync(file);
  return undefined;
}

/** Released twice, it is closed once: the descriptor may be another file's by then. */
function heldLock(path: string, file: number): Lock {
  let isHeld = true;
  return {
    path,
    release: async () => {
      if (isHeld) closeSync(file);
      isHeld = false;
    },
  };
}

/** A descriptor, no FileHandle: that is closed when nobody refers to it any more. No other program gets it, unless it is handed over. */
async function openFile(path: string): Promise<number> {
  try {
    await mkdir(dirname(path), { recursive: true });
    return openSync(path, 'a+', 0o600);
  } catch (error) {
    throw lockFailed(path, messageOf(error));
  }
}

/** @returns false where another holds it, and is not waited for. */
async function lockFile(file: number, path: string, options: LockOptions): Promise<boolean> {
  throwIfAborted(options.signal);
  // It may wait for long: where this process dies meanwhile, nobody needs it any more.
  const flock = start('flock', flockArguments(options), { third: file, detached: true, diesWithUs: options.wait !== false });
  const complaint = textOf(flock);
  const abort = () => flock.kill('SIGKILL');
  options.signal?.addEventListener('abort', abort, { once: true });
  const { exitCode, failure } = await flock.ended;
  options.signal?.removeEventListener('abort', abort);
  throwIfAborted(options.signal);
  if (exitCode === heldExitCode) return false;
  if (exitCode === 0) return true;
  throw lockFailed(path, complaint() || failure || 'flock ended at once');
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

function flockArguments(options: LockOptions): string[] {
  const mode = options.mode === 'shared' ? '--shared' : '--exclusive';
  const patience = options.wait === false ? ['--nonblock', '--conflict-exit-code', String(heldExitCode)] : [];
  return [mode, ...patience, '3'];
}

function textOf(flock: RunningProcess): () => string {
  let text = '';
  flock.stderr.on('data', (chunk: Buffer) => {
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
