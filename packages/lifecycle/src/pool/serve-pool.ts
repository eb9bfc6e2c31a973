import type { VmConfig } from '@katavm/config';
import { ExitCode, KatavmError, type MiB } from '@katavm/core';
import type { Context } from '../context/context.js';
import { collectDeadJobs } from '../gc/collect-dead-jobs.js';
import { listPooledConfigs, listReady, takeReady } from './pool-folder.js';
import { holdPool } from './pool-lock.js';
import { PoolServer } from './pool-server.js';
import { forgetStatus } from './pool-status.js';

export interface ServePoolInput {
  /** Read again and again: what they say may change. */
  readonly loadConfigs: () => Promise<readonly VmConfig[]>;
  /** What all guests that wait, or boot to wait, may have together. */
  readonly budget: MiB;
  /** Called when it has begun to keep the pool. */
  readonly onServing?: () => Promise<void>;
}

/**
 * Keeps clones ready until the signal is aborted, and then deletes those that no job has taken. However it ends, no clone that a job
 * has is lost, and none that nobody has stays: libvirt ends those, and gc takes their files.
 *
 * @throws KATAVM_POOL_SERVED, KATAVM_POOL_WITHOUT_CONFIG.
 */
export async function servePool(context: Context, input: ServePoolInput, signal: AbortSignal): Promise<void> {
  const configs = await input.loadConfigs();
  if (configs.length === 0) throw withoutConfig();
  const lock = await holdPool(context.state, signal);
  try {
    await clear(context, configs, signal);
    const server = new PoolServer(context, input);
    await input.onServing?.();
    await server.run(signal);
  } finally {
    await forgetStatus(context);
    await lock.release();
  }
}

/** What a server that was killed left: nobody holds its clones any more. */
async function clear(context: Context, configs: readonly VmConfig[], signal: AbortSignal): Promise<void> {
  for (const config of await listPooledConfigs(context.state)) {
    for (const ready of await listReady(context.state, config)) await takeReady(context.state, ready);
  }
  for (const uri of new Set(configs.map(({ vm }) => vm.uri))) await collectDeadJobs(context, uri, signal);
}

function withoutConfig(): KatavmError {
  return new KatavmError({
    code: 'KATAVM_POOL_WITHOUT_CONFIG',
    message: 'no config has "start: pooled", so there is nothing to keep ready',
    hint: 'write it into a katavm.yaml, or name the configs: katavm pool serve CONFIG…',
    exitCode: ExitCode.usage,
  });
}
