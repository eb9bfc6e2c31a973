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

/** Node's timers take a signed 32-bit number and fire at once for a larger one. */
const longestTimerMilliseconds = 2 ** 31 - 1;

/**
 * Waits until the requirement's probe gives a value, and returns it. A probe that does not heed its signal is left alone when the
 * time is over: the wait ends all the same.
 *
 * @throws KATAVM_WAIT_TIMED_OUT when the time is over; it says what was waited for, how long, and the hint.
 * @throws KATAVM_INTERRUPTED (or what the signal was aborted with) when the signal is aborted.
 */
export async function waitFor<T>(requirement: Requirement<T>, options: WaitOptions = {}): Promise<T> {
  throwIfAborted(options.signal);
  const emit = options.emit ?? ignoreEvents;
  const begin = performance.now();
  const elapsed = () => performance.now() - begin;
  const end = new AbortController();
  const deadline = setTimeout(
    () => end.abort(timedOut(requirement, elapsed())),
    Math.min(requirement.timeoutMilliseconds, longestTimerMilliseconds),
  );
  const interrupt = () => end.abort(options.signal && abortReason(options.signal));
  options.signal?.addEventListener('abort', interrupt, { once: true });
  emit({ type: 'wait', state: 'waiting', requirement: requirement.name, milliseconds: 0 });
  try {
    const value = await probeUntil(requirement, end.signal);
    emit({ type: 'wait', state: 'ready', requirement: requirement.name, milliseconds: elapsed() });
    return value;
  } catch (error) {
    // A probe that was cut off reports the cut; the reason for it is what the user has to know.
    throw end.signal.aborted ? end.signal.reason : error;
  } finally {
    clearTimeout(deadline);
    options.signal?.removeEventListener('abort', interrupt);
  }
}

/** Waits for each in turn. */
export async function waitForAll(requirements: readonly Requirement[], options: WaitOptions = {}): Promise<void> {
  for (const requirement of requirements) await waitFor(requirement, options);
}

async function probeUntil<T>(requirement: Requirement<T>, signal: AbortSignal): Promise<T> {
  const aborted = rejectionOf(signal);
  for (;;) {
    const value = await Promise.race([requirement.probe(signal), aborted]);
    if (value !== undefined) return value;
    await pause(requirement.everyMilliseconds ?? defaultPauseMilliseconds, undefined, { signal });
  }
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  const rejection = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  rejection.catch(() => {}); // nobody may be waiting for it
  return rejection;
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
