import { messageOf, withUndo } from '@katavm/core';
import { deleteClone } from '../clone/delete-clone.js';
import { endJob, holdJob } from '../clone/job-lock.js';
import { makeClone } from '../clone/make-clone.js';
import { startClone } from '../clone/start-clone.js';
import type { Context } from '../context/context.js';
import { collectDeadJobs } from '../gc/collect-dead-jobs.js';
import type { StartedClone, StartInput } from './start-outcome.js';

/** A fresh clone, booted. The job's lock is held from before anything of the clone exists. */
export async function startCold(context: Context, input: StartInput): Promise<StartedClone> {
  const { config, name, undo, signal } = input;
  const lock = await holdJob(context.state, name, { signal });
  undo.push(`lock of ${name}`, () => endJob(context.state, name, lock));
  // What it made it unmakes itself where it fails: a clone of this name that was there already is another's.
  const record = await withUndo(context.emit, (made) => makeClone(context, { config, name, purpose: 'job', undo: made, signal }));
  undo.push(`clone ${name}`, () => deleteClone(context, name, config.vm.uri));
  await input.onClone(record);
  const { mayBeKept, bootTimeoutMilliseconds } = input;
  const starting = startClone(context, { record, justMade: true, dieWithUs: !mayBeKept, bootTimeoutMilliseconds, signal });
  // While the guest boots, this process has nothing to do: it takes what killed jobs left.
  const collected = collectLeftovers(context, config.vm.uri, signal);
  // Also where the guest does not come: the lock that it looks at could be this job's, which must be free when this returns.
  const session = await starting.finally(() => collected);
  return { record, session, lock, start: 'cold' };
}

/** What earlier jobs left is no reason for this one to fail. */
export async function collectLeftovers(context: Context, uri: string, signal: AbortSignal): Promise<void> {
  await collectDeadJobs(context, uri, signal).catch((error) => {
    if (signal.aborted) return;
    const message = `what earlier jobs left could not be collected: ${messageOf(error)}`;
    context.emit({ type: 'notice', level: 'warning', code: 'KATAVM_GC_FAILED', message });
  });
}
