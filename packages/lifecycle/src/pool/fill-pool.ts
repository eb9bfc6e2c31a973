import { ExitCode, KatavmError } from '@katavm/core';
import type { Context } from '../context/context.js';
import { askPool } from './ask-pool.js';
import { setDrained } from './pool-folder.js';
import { isPoolServed, notServed } from './pool-lock.js';
import { readServed, type ServedConfig } from './pool-status.js';

export interface FillInput {
  /** Default: all that the server keeps. */
  readonly configs: readonly string[] | undefined;
  readonly timeoutMilliseconds: number;
}

/**
 * Has the server fill the pool now, drained ones and those that failed too, and waits until it is full, or until what keeps it from
 * that is not a boot under way.
 *
 * @throws KATAVM_POOL_NOT_SERVED: clones of a process that ends would end with it. KATAVM_POOL_NOT_KEPT, KATAVM_WAIT_TIMED_OUT.
 */
export async function fillPool(context: Context, { configs, timeoutMilliseconds }: FillInput, signal: AbortSignal) {
  const { state } = context;
  if (!(await isPoolServed(state))) throw notServed(state);
  const kept = (await readServed(state))?.configs.map(({ config }) => config) ?? [];
  for (const config of configs ?? kept) await setDrained(state, config, false);
  const until = (served: ServedConfig) => served.ready >= served.size || (served.booting === 0 && isStuck(served));
  const filled = await askPool(context, { configs, what: 'the pool to fill', until, timeoutMilliseconds, signal });
  for (const config of configs ?? []) if (!filled.some((found) => found.config === config)) throw notKept(config);
  return filled;
}

/** A hand-out is over in seconds. */
function isStuck({ heldBack }: ServedConfig): boolean {
  return heldBack !== undefined && heldBack !== 'handing out';
}

function notKept(config: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_POOL_NOT_KEPT',
    message: `the pool server keeps no clones of "${config}"`,
    hint: `write "start: pooled" into its katavm.yaml, or start the server with it: katavm pool serve ${config}`,
    exitCode: ExitCode.notFound,
  });
}
