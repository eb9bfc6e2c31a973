import { availableParallelism } from 'node:os';
import { acquireLock, type Emit, type Lock, timePart, type VmName, waitFor } from '@katavm/core';
import type { StateDirectory } from '../state/state-directory.js';

/** How many emulated guests boot at once: one for every two processors of the host, which is what such a boot uses. */
export const bootTurns = Math.max(1, Math.floor(availableParallelism() / 2));

export interface BootTurnOptions {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Default: `bootTurns`. */
  readonly turns?: number;
  /**
   * Milliseconds after which a turn ends although its guest has not answered: one that hangs keeps the others waiting no longer.
   * Default: 2 minutes, six times the slowest of the boots that were measured alone (docs/decisions/boot-turns.md).
   */
  readonly longestMilliseconds?: number;
}

export interface BootTurn {
  /** Once the guest answers, or will not. More than once is no error. */
  end(): Promise<void>;
}

/**
 * Waits until fewer emulated guests of this home boot than the host has processors for. All at once, each would come as late as the
 * last of them; in turns the last comes no later, and the others long before (docs/decisions/boot-turns.md).
 *
 * @throws KATAVM_LOCK_FAILED, KATAVM_INTERRUPTED
 */
export async function takeBootTurn(state: StateDirectory, name: VmName, options: BootTurnOptions): Promise<BootTurn> {
  const { emit, signal, turns = bootTurns } = options;
  const paths = Array.from({ length: turns }, (_, index) => state.lock(`boot-${index + 1}`));
  const lock = (await firstFree(paths, signal)) ?? (await timePart(emit, 'turn', () => waitInLine(paths, name, emit, signal)));
  return turnOf(lock, options.longestMilliseconds ?? 120_000);
}

async function firstFree(paths: readonly string[], signal: AbortSignal): Promise<Lock | undefined> {
  for (const path of paths) {
    const lock = await acquireLock(path, { wait: false, signal });
    if (lock) return lock;
  }
  return undefined;
}

function waitInLine(paths: readonly string[], name: VmName, emit: Emit, signal: AbortSignal): Promise<Lock> {
  const requirement = {
    name: `${name}'s turn to boot, after other emulated guests`,
    probe: (ended: AbortSignal) => firstOf(paths, ended),
    timeoutMilliseconds: Number.POSITIVE_INFINITY,
    hint: 'they end their turns when they answer',
  };
  return waitFor(requirement, { emit, signal });
}

/** In every line at once, and out of the others as soon as one has moved. */
async function firstOf(paths: readonly string[], signal: AbortSignal): Promise<Lock | undefined> {
  const moved = new AbortController();
  const lines = paths.map((path) => acquireLock(path, { signal: AbortSignal.any([signal, moved.signal]) }));
  let first: Lock | undefined;
  try {
    first = await Promise.any(lines);
    return first;
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  } finally {
    moved.abort();
    for (const line of await Promise.allSettled(lines)) {
      // A wait that has been cut off meanwhile takes no lock from here any more: the first one, too, would be held by nobody.
      const isKept = line.status === 'fulfilled' && line.value === first && !signal.aborted;
      if (line.status === 'fulfilled' && !isKept) await line.value?.release();
    }
  }
}

function turnOf(lock: Lock, longestMilliseconds: number): BootTurn {
  let ended: Promise<void> | undefined;
  const end = () => {
    clearTimeout(limit);
    ended ??= lock.release();
    return ended;
  };
  const limit = setTimeout(() => void end(), longestMilliseconds);
  return { end };
}
