import { acquireLock, KatavmError, type Lock, waitFor } from '@katavm/core';
import type { StateDirectory } from '../state/state-directory.js';

/** Held by the one server of a home. */
const lockName = 'pool';

/** Those who only look whether one runs hold it for a moment. */
const lookMilliseconds = 2000;

/** @throws KATAVM_POOL_SERVED where another one runs. */
export async function holdPool(state: StateDirectory, signal: AbortSignal): Promise<Lock> {
  const requirement = {
    name: 'the end of another pool server',
    probe: () => acquireLock(state.lock(lockName), { wait: false, signal }),
    timeoutMilliseconds: lookMilliseconds,
    hint: 'one server keeps the pools of all configs of a home',
  };
  return waitFor(requirement, { signal }).catch((error) => {
    if (signal.aborted) throw error;
    throw new KatavmError({
      code: 'KATAVM_POOL_SERVED',
      message: `a pool server of ${state.home} runs already`,
      hint: 'one keeps the pools of all configs: "katavm pool status" shows what it does',
      cause: error,
    });
  });
}

export async function isPoolServed(state: StateDirectory): Promise<boolean> {
  const lock = await acquireLock(state.lock(lockName), { mode: 'shared', wait: false });
  await lock?.release();
  return lock === undefined;
}

export function notServed({ home }: StateDirectory): KatavmError {
  return new KatavmError({
    code: 'KATAVM_POOL_NOT_SERVED',
    message: `no pool server of ${home} runs, so nobody boots clones ahead of time`,
    hint: 'start one: katavm pool serve (or: systemctl start katavm-pool); jobs run without it, and boot their clones',
  });
}
