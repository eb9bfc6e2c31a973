import { setTimeout as pause } from 'node:timers/promises';
import { abortReason, throwIfAborted } from '../errors/aborted.js';
import { ExitCode } from '../errors/exit-codes.js';
import { KatavmError } from '../errors/katavm-error.js';
import type { Emit } from '../events/events.js';
import { ignoreEvents } from '../events/events.js';
import type { Requirement } from './requirement.js';

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  readonly emit?: Emit | undefined;
}

const defaultPauseMilliseconds = 20;

/**
 * Waits until the requirement's probe gives a value, and returns it.
 *
 * @throws KATAVM_WAIT_TIMED_OUT when the time is over; it says what was waited for, how long, and the hint.
 * @throws KATAVM_INTERRUPTED when the signal is aborted.
 */
export async function waitFor<T>(requirement: Requirement<T>, options: WaitOptions = {}): Promise<T> {
  const emit = options.emit ?? ignoreEvents;
  const begin = performance.now();
  const elapsed = () => performance.now() - begin;
  const deadline = AbortSignal.timeout(requirement.timeoutMilliseconds);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  emit({ type: 'wait', state: 'waiting', requirement: requirement.name, milliseconds: 0 });
  for (;;) {
    throwIfAborted(options.signal);
    const value = await probeUntil(requirement, signal, deadline);
    if (value !== undefined) {
      emit({ type: 'wait', state: 'ready', requirement: requirement.name, milliseconds: elapsed() });
      return value;
    }
    if (options.signal?.aborted) throw abortReason(options.signal);
    if (deadline.aborted) throw timedOut(requirement, elapsed());
    await pause(requirement.everyMilliseconds ?? defaultPauseMilliseconds, undefined, { signal }).catch(() => {});
  }
}

/** Waits for each in turn. */
export async function waitForAll(requirements: readonly Requirement[], options: WaitOptions = {}): Promise<void> {
  for (const requirement of requirements) await waitFor(requirement, options);
}

async function probeUntil<T>(requirement: Requirement<T>, signal: AbortSignal, deadline: AbortSignal): Promise<T | undefined> {
  try {
    return await requirement.probe(signal);
  } catch (error) {
    // A probe that was cut off by the deadline reports the cut, not what it was looking at.
    if (deadline.aborted) return undefined;
    throw error;
  }
}

function timedOut(requirement: Requirement, milliseconds: number): KatavmError {
  const seconds = (milliseconds / 1000).toFixed(1);
  return new KatavmError({
    code: 'KATAVM_WAIT_TIMED_OUT',
    message: `waited ${seconds} s for ${requirement.name}, and it did not come`,
    hint: requirement.hint,
    exitCode: ExitCode.timedOut,
    details: { requirement: requirement.name, milliseconds: Math.round(milliseconds) },
  });
}
