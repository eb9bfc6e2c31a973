import type { Context } from '../context/context.js';
import { collectDeadJobs } from '../gc/collect-dead-jobs.js';
import { listCloneNames } from '../state/clone-record.js';
import { askPool } from './ask-pool.js';
import { listPooledConfigs, listReadyNames, setDrained } from './pool-folder.js';
import { isPoolServed } from './pool-lock.js';

export interface DrainInput {
  /** Default: every config that the pool ever had clones of. */
  readonly configs: readonly string[] | undefined;
  /** libvirt connection URI, for what is left of a server that died. */
  readonly uri: string;
  readonly timeoutMilliseconds: number;
}

/**
 * Has the clones deleted that wait, and none booted again before `fillPool`, across restarts of the server. Those that jobs have
 * are the jobs'.
 *
 * @returns the names of what was deleted.
 */
export async function drainPool(context: Context, input: DrainInput, signal: AbortSignal): Promise<string[]> {
  const { state } = context;
  const configs = input.configs ?? (await listPooledConfigs(state));
  const waiting = (await Promise.all(configs.map((config) => listReadyNames(state, config)))).flat();
  for (const config of configs) await setDrained(state, config, true);
  if (!(await isPoolServed(state))) return collectDeadJobs(context, input.uri, signal);
  const { timeoutMilliseconds } = input;
  const until = ({ ready, booting }: { readonly ready: number; readonly booting: number }) => ready + booting === 0;
  await askPool(context, { configs, what: 'the pool to be empty', until, timeoutMilliseconds, signal });
  const stay = new Set(await listCloneNames(state));
  return waiting.filter((name) => !stay.has(name));
}
