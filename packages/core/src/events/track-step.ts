import type { Emit } from './events.js';

/** Runs `work` between a `started` and a `done` or `failed` event that carry the duration. */
export async function trackStep<T>(emit: Emit, step: string, subject: string | undefined, work: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  emit({ type: 'step', state: 'started', step, subject });
  try {
    const result = await work();
    emit({ type: 'step', state: 'done', step, subject, milliseconds: performance.now() - begin });
    return result;
  } catch (error) {
    emit({ type: 'step', state: 'failed', step, subject, milliseconds: performance.now() - begin });
    throw error;
  }
}
