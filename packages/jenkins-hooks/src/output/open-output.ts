import { createWriteStream } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { isPipe } from '@katavm/core';

/** A stream onto a descriptor that counts what was written; closed by `closeOutput`. */
export type AgentOutput = Writable & { readonly bytesWritten: number };

/**
 * The channel to Jenkins: the descriptor that the program's start script has put aside. Node's own `process.stdout` cannot do
 * it: it is stderr by then, and its `end` does not close the descriptor.
 */
export function openOutput(fd: number): AgentOutput {
  if (isPipe(fd)) return new Socket({ fd, readable: false, writable: true });
  return createWriteStream('', { fd });
}

/**
 * Resolves when all was written and the descriptor is closed; nobody may be reading any more. Not by `end`: sshd gives a command
 * a socket, `end` shuts that down for all who have it, and whatever stands behind this hook in a prefix dies of SIGPIPE.
 */
export async function closeOutput(output: AgentOutput): Promise<void> {
  if (output.destroyed) return;
  await new Promise<void>((resolve) => {
    output.once('error', () => resolve()).once('close', () => resolve());
    output.write('', () => output.destroy());
  });
}
