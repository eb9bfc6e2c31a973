import type { Readable } from 'node:stream';
import type { AgentOutput } from '../output/open-output.js';

/** An agent ends within 50 ms of the end of its input (measured). One that still works is left alone, one that is silent is stuck. */
const silenceMilliseconds = 30_000;
const lookMilliseconds = 1000;

/**
 * Calls `onStuck` when the input has ended and the agent has written nothing for half a minute since: nobody will tell it
 * anything any more. @returns a function that ends the watch.
 */
export function watchInput(stdin: Readable, output: AgentOutput, onStuck: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onEnd = () => {
    if (timer) return;
    let written = output.bytesWritten;
    let since = performance.now();
    timer = setInterval(() => {
      if (written !== output.bytesWritten) {
        written = output.bytesWritten;
        since = performance.now();
      } else if (performance.now() - since > silenceMilliseconds) onStuck();
    }, lookMilliseconds);
  };
  if (stdin.readableEnded || stdin.destroyed) onEnd();
  stdin.on('end', onEnd).on('close', onEnd);
  return () => {
    clearInterval(timer);
    stdin.off('end', onEnd).off('close', onEnd);
  };
}
