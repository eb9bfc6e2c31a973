import { hasCode, parseVmName, throwIfAborted } from '@katavm/core';
import { deleteClone } from '../clone/delete-clone.js';
import { endJob, listJobLocks, tryJob, tryKeptClone } from '../clone/job-lock.js';
import type { Context } from '../context/context.js';
import { sweepPool } from '../pool/sweep-pool.js';
import { listCloneNames, readCloneRecord } from '../state/clone-record.js';

/**
 * Deletes the clones of jobs whose process has died. A live job holds its lock from before its folder exists, so a
 * folder whose lock is free belongs to nobody; a kept clone is left alone. A signal ends it between two of them: the next
 * collection takes the others.
 *
 * @returns the names of what was deleted.
 */
export async function collectDeadJobs(context: Context, uri: string, signal?: AbortSignal): Promise<string[]> {
  const collected: string[] = [];
  for (const name of await candidates(context, uri, signal)) {
    throwIfAborted(signal);
    const lock = await tryJob(context.state, name);
    if (!lock) continue;
    try {
      if (await collectOne(context, name, uri, signal)) collected.push(name);
    } finally {
      await endJob(context.state, name, lock);
    }
  }
  await sweepPool(context.state);
  return collected;
}

async function collectOne(context: Context, name: string, uri: string, signal?: AbortSignal): Promise<boolean> {
  const inTheMaking = await tryKeptClone(context.state, name);
  if (!inTheMaking) return false;
  try {
    // Read under the locks: the job may have kept its clone, or deleted it, meanwhile.
    return !(await isKept(context, name)) && (await deleteClone(context, parseVmName(name), uri, signal));
  } finally {
    await inTheMaking.release();
  }
}

/** Folders of clones, domains of this home whose folder is gone, and locks whose clone was never made. */
async function candidates(context: Context, uri: string, signal?: AbortSignal): Promise<Set<string>> {
  const hypervisor = await context.connect(uri, signal);
  const [folders, locks, domains] = await Promise.all([
    listCloneNames(context.state),
    listJobLocks(context.state),
    hypervisor.list(),
  ]);
  const others: readonly string[] = ['build', 'template'];
  const ours = domains.filter(({ metadata }) => metadata.home === context.state.home && !others.includes(metadata.purpose));
  return new Set([...folders, ...locks, ...ours.map(({ name }) => name)]);
}

async function isKept(context: Context, name: string): Promise<boolean> {
  try {
    return (await readCloneRecord(context.state, name))?.purpose === 'kept';
  } catch (error) {
    // A record that a killed process half wrote does not exist: it is renamed into place. One that someone damaged is kept.
    if (hasCode(error, 'KATAVM_STATE_DAMAGED')) return true;
    throw error;
  }
}
