import type { Emit } from './events.js';

/** Runs `work`, and tells how long it took where it succeeded. */
export async function timePart<T>(emit: Emit, part: string, work: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  const result = await work();
  emit({ type: 'timing', part, milliseconds: performance.now() - begin });
  return result;
}
