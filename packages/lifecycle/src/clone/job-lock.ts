import { open, readdir, rm, stat } from 'node:fs/promises';
import { acquireLock, type Lock, type LockOptions, throwIfAborted, type VmName, withLock } from '@katavm/core';
import type { StateDirectory } from '../state/state-directory.js';

export interface HoldJobOptions {
  /** Default `exclusive`. `shared` for a clone that is handed from the pool to its job: both hold it for a moment. */
  readonly mode?: LockOptions['mode'];
  readonly signal?: AbortSignal | undefined;
}

/**
 * A job's clone is alive as long as its process holds this lock; the kernel frees it however that process ends. gc takes
 * it to learn that nobody does.
 */
export async function holdJob(
  state: StateDirectory,
  name: VmName,
  { signal, mode = 'exclusive' }: HoldJobOptions = {},
): Promise<Lock> {
  throwIfAborted(signal);
  const lock = await lockJob(jobLockPath(state, name), { mode, signal }).catch(async (error) => {
    // The file was made for nobody, unless another holds it, whose end was waited for.
    const unused = await tryJob(state, name);
    if (unused) await endJob(state, name, unused);
    throw error;
  });
  if (!lock) throw new Error(`a wait for ${name}'s lock ended without it`);
  return lock;
}

/** `undefined` while the job's process lives. */
export function tryJob(state: StateDirectory, name: string): Promise<Lock | undefined> {
  return lockJob(jobLockPath(state, name), { wait: false });
}

/** Takes hold beside the pool that holds it as well. `undefined` where gc is deleting it. */
export function joinJob(state: StateDirectory, name: string): Promise<Lock | undefined> {
  return lockJob(jobLockPath(state, name), { mode: 'shared', wait: false });
}

/** Whether the job's process lives. */
export async function isJobAlive(state: StateDirectory, name: string): Promise<boolean> {
  const lock = await tryJob(state, name);
  if (lock) await endJob(state, name, lock);
  return lock === undefined;
}

/**
 * A job's lock file is removed at its end (`endJob`), perhaps between another's open(2) and flock(2): that one would hold
 * a file that nobody finds, and gc would take its live job for a dead one. The file that is open here cannot come back to
 * the path once it was removed, so the path leads to it afterwards only if the lock was taken on it.
 */
async function lockJob(path: string, options: LockOptions): Promise<Lock | undefined> {
  for (;;) {
    const file = await open(path, 'a', 0o600);
    try {
      const lock = await acquireLock(path, options);
      const [ours, there] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
      if (!lock || ours.ino === there?.ino) return lock;
      await lock.release();
    } finally {
      await file.close();
    }
  }
}

/** Gives the lock up, its file removed before: one file for every job that ever ran would fill the folder. */
export async function endJob(state: StateDirectory, name: string, lock: Lock): Promise<void> {
  await rm(jobLockPath(state, name), { force: true });
  await lock.release();
}

/** Held while a kept clone is made or deleted. Its names come again, so its file stays: deleting it would race with a waiting taker. */
export function withKeptClone<T>(state: StateDirectory, name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return withLock(keptLockPath(state, name), { signal }, work);
}

/** `undefined` while another process makes or deletes it. */
export function tryKeptClone(state: StateDirectory, name: string): Promise<Lock | undefined> {
  return acquireLock(keptLockPath(state, name), { wait: false });
}

const jobLockPattern = /^job-(.+)\.lock$/;

/** The names of the jobs whose lock file is there, be its holder alive or dead. */
export async function listJobLocks(state: StateDirectory): Promise<string[]> {
  const names = await readdir(state.locks);
  return names.map((name) => jobLockPattern.exec(name)?.[1]).filter((name) => name !== undefined);
}

function keptLockPath(state: StateDirectory, name: string): string {
  return state.lock(`clone-${name}`);
}

function jobLockPath(state: StateDirectory, name: string): string {
  return state.lock(`job-${name}`);
}
