import type { StateDirectory } from '@katavm/lifecycle';
import { listLaunches } from '../takeover/launch-records.js';
import { removeOldLogs } from './old-logs.js';

/** As the records of runs. */
const keptDays = 30;

/** Removes what launches left: records of those that were killed, logs of nodes that are gone. @returns the logs' names. */
export async function collectLaunches(state: StateDirectory): Promise<string[]> {
  await listLaunches(state.launches);
  return removeOldLogs(state.launchLogs, { before: new Date(Date.now() - keptDays * 24 * 3600 * 1000) });
}
