import { access } from 'node:fs/promises';
import { type Lock, throwIfAborted } from '@katavm/core';
import type { Lifeline } from '@katavm/libvirt';
import { cloneFiles } from '../clone/clone-domain.js';
import { endJob, joinJob } from '../clone/job-lock.js';
import type { Context } from '../context/context.js';
import { type CloneRecord, readCloneRecord } from '../state/clone-record.js';
import { type ReadyClone, takeReady } from './pool-folder.js';

/** A clone of the pool that is this process's alone, paused still. */
export interface ClaimedClone {
  readonly record: CloneRecord;
  readonly ready: ReadyClone;
  /** gc sees that it is alive. */
  readonly lock: Lock;
  /** libvirt ends it with this process. */
  readonly lifeline: Lifeline;
}

/**
 * Takes a clone out of the pool. This process holds its lock and its lifeline before it takes it, and the pool lets go of both
 * afterwards: at no moment does nobody own it.
 *
 * @returns `undefined` where another was quicker, or where its pool has died.
 */
export async function claimClone(context: Context, ready: ReadyClone, signal: AbortSignal): Promise<ClaimedClone | undefined> {
  const { state, adapters } = context;
  const [lock, lifeline, record] = await Promise.all([
    joinJob(state, ready.clone),
    adapters.libvirt.holdLifeline(cloneFiles(state.clone(ready.clone)).lifeline),
    readCloneRecord(state, ready.clone),
  ]);
  try {
    throwIfAborted(signal);
    if (lock && lifeline && record && (await takeReady(state, ready))) return { record, ready, lock, lifeline };
  } catch (error) {
    await letGo(context, ready.clone, lock, lifeline);
    throw error;
  }
  await letGo(context, ready.clone, lock, lifeline);
  return undefined;
}

async function letGo(context: Context, name: string, lock: Lock | undefined, lifeline: Lifeline | undefined): Promise<void> {
  await lifeline?.release();
  if (!lock) return;
  // Joining makes the lock's file anew where its job has ended meanwhile, and a name never comes again.
  if (await exists(context.state.clone(name))) await lock.release();
  else await endJob(context.state, name, lock);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
