import { abortReason } from '@katavm/core';

/** A promise that rejects when the signal is aborted, to race against; `forget` lets go of the signal. */
export function whenAborted(signal: AbortSignal | undefined): { readonly aborted: Promise<never>; readonly forget: () => void } {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal && abortReason(signal));
  });
  aborted.catch(() => {}); // nobody may be racing any more
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  return { aborted, forget: () => signal?.removeEventListener('abort', onAbort) };
}
