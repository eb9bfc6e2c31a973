import { KatavmError, messageOf, waitFor } from '@katavm/core';
import type { Context } from '@katavm/lifecycle';
import { type LaunchRecord, launchesOf, writeLaunch } from './launch-records.js';
import { isAlive, isOlder } from './process-identity.js';

/** Deleting a clone takes under a second, and a guest that swaps does not delay it. */
const patienceMilliseconds = 30_000;

/**
 * Makes this launch the node's only one: Jenkins can start a second one while the first still boots. The older ones are asked to
 * end, and are killed if they do not: libvirt then destroys their guests, and gc takes their files.
 *
 * @throws KATAVM_JENKINS_SUPERSEDED when a newer launch is there already.
 */
export async function takeOver(context: Context, record: LaunchRecord, signal: AbortSignal): Promise<void> {
  await writeLaunch(context.state.launches, record);
  const others = await launchesOf(context.state.launches, { node: record.node, controller: record.controller });
  const older = others.filter((other) => isOlder(other, record));
  if (others.some((other) => isOlder(record, other))) throw superseded(record);
  await Promise.all(older.map((other) => endLaunch(context, other, signal)));
}

/** Asks another launch to end, and waits until it has. */
export async function endLaunch(context: Context, launch: LaunchRecord, signal: AbortSignal): Promise<void> {
  const what = `the earlier launch of node ${launch.node} (process ${launch.pid}, clone ${launch.clone})`;
  tell(context, `ends ${what}`);
  if (!send(context, launch, 'SIGTERM')) return;
  try {
    await waitFor(
      {
        name: `the end of ${what}`,
        probe: async () => !isAlive(launch) || undefined,
        timeoutMilliseconds: patienceMilliseconds,
        hint: `look at ${launch.log ?? 'its log'}`,
      },
      { signal, emit: context.emit },
    );
  } catch (error) {
    if (signal.aborted) throw error;
    tell(context, `${messageOf(error)}; it is killed`);
    send(context, launch, 'SIGKILL');
  }
}

/** Verified just before: process numbers come again. */
function send(context: Context, launch: LaunchRecord, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  if (!isAlive(launch)) return false;
  try {
    process.kill(launch.pid, signal);
    return true;
  } catch (error) {
    tell(context, `process ${launch.pid} could not be ended: ${messageOf(error)}`);
    return false;
  }
}

function tell(context: Context, message: string): void {
  context.emit({ type: 'notice', level: 'info', code: 'KATAVM_JENKINS_TAKEOVER', message });
}

function superseded({ node }: LaunchRecord): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_SUPERSEDED',
    message: `a newer launch of node ${node} is under way; this one ends in its favour`,
  });
}
