import type { Emit } from '@katavm/core';

/** A listener redraws for each event: a hundred of them are as good as one per chunk. */
const steps = 100;
const smallestStepBytes = 1024 ** 2;

/** Tells how many bytes are done; call it as often as is convenient. */
export function byteProgress(emit: Emit, what: string, total: number | undefined): (done: number) => void {
  const step = Math.max(smallestStepBytes, (total ?? 0) / steps);
  let next = 0;
  return (done) => {
    if (done < next && done !== total) return;
    next = done + step;
    emit({ type: 'progress', what, done, total, unit: 'bytes' });
  };
}
