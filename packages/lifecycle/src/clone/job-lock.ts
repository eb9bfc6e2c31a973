import { readdir, rm } from 'node:fs/promises';
import { acquireLock, type Lock, type VmName, withLock } from '@katavm/core';
import type { StateDirectory } from '../state/state-directory.js';

/**
 * A job's clone is alive as long as its process holds this lock; the kernel frees it however that process ends. gc takes
 * it to learn that nobody does.
 */
export async function holdJob(state: StateDirectory, name: VmName, signal?: AbortSignal): Promise<Lock> {
  const lock = await acquireLock(jobLockPath(state, name), { signal });
  if (!lock) throw new Error(`a wait for ${name}'s lock ended without it`);
  return lock;
}

/** `undefined` while the job's process lives. */
export function tryJob(state: StateDirectory, name: string): Promise<Lock | undefined> {
  return acquireLock(jobLockPath(state, name), { wait: false });
}

/** Gives the lock up and takes its file away: a job's name is never used twice, so nobody waits for the file. */
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
