/** An agent ends within 50 ms of the end of its input (measured). One that still works is left alone, one that is silent is stuck. */
const silenceMilliseconds = 30_000;
const lookMilliseconds = 1000;

export interface Watched {
  /** Resolves when Jenkins has closed stdin. */
  readonly inputEnded: Promise<void>;
  /** Grows with what the agent writes. */
  bytesMoved(): number;
}

/**
 * Calls `onStuck` when the input has ended and the agent has written nothing for half a minute since: nobody will tell it
 * anything any more. @returns a function that ends the watch.
 */
export function watchInput({ inputEnded, bytesMoved }: Watched, onStuck: () => void): () => void {
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    if (over) return;
    let moved = bytesMoved();
    let since = performance.now();
    timer = setInterval(() => {
      const now = bytesMoved();
      if (now !== moved) {
        moved = now;
        since = performance.now();
      } else if (performance.now() - since > silenceMilliseconds) onStuck();
    }, lookMilliseconds);
  };
  void inputEnded.then(begin);
  return () => {
    over = true;
    clearInterval(timer);
  };
}
