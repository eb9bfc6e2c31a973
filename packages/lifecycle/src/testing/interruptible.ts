import { interruptedBy, throwIfAborted } from '@katavm/core';
import type { Adapters } from '../context/context.js';

/** A Ctrl-C at a chosen moment: while the call of that number, of all that the lifecycle makes to its adapters, is under way. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** How many calls there were. */
  calls(): number;
  /** The adapters, as real ones behave: a call that is under way when its signal is aborted fails with the signal's reason. */
  wrap(adapters: Adapters): Adapters;
}

export function interruptAt(number: number): Interruption {
  const controller = new AbortController();
  let calls = 0;
  const begin = (): boolean => {
    calls += 1;
    if (calls !== number) return false;
    controller.abort(interruptedBy('SIGINT'));
    return true;
  };
  const watch = <T>(target: T): T => (typeof target === 'object' && target !== null ? proxyOf(target, begin, watch) : target);
  const wrap = (adapters: Adapters) =>
    Object.fromEntries(Object.entries(adapters).map(([name, adapter]) => [name, watch(adapter)])) as unknown as Adapters;
  return { signal: controller.signal, calls: () => calls, wrap };
}

/** Connections and sessions that a call gives are watched like the adapter itself. */
function proxyOf<T extends object>(target: T, begin: () => boolean, watch: <R>(result: R) => R): T {
  return new Proxy(target, {
    get(object, key) {
      const value = Reflect.get(object, key) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const signal = signalOf(args);
        const answer = value.apply(object, args) as unknown;
        if (!(answer instanceof Promise)) return answer;
        const isInterrupted = begin();
        return answer.then((result: unknown) => {
          // Without a signal of its own, a call of a connection that waits at that moment fails; later ones work: undoing needs them.
          if (signal) throwIfAborted(signal);
          else if (isInterrupted) throw interruptedBy('SIGINT');
          return isGiven(key) ? watch(result) : result;
        });
      };
    },
  });
}

function isGiven(key: string | symbol): boolean {
  return key === 'connect';
}

function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  for (const arg of args) {
    if (arg instanceof AbortSignal) return arg;
    const inside = typeof arg === 'object' && arg !== null ? (arg as { signal?: unknown }).signal : undefined;
    if (inside instanceof AbortSignal) return inside;
  }
  return undefined;
}
