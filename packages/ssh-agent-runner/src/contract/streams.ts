import { PassThrough, Readable } from 'node:stream';
import type { CommandEnd, GuestSession } from '../adapter.js';

/** A stream that takes everything, and tells what it has so far. */
export function collecting(onText: (soFar: string) => unknown): PassThrough {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    onText(text);
  });
  return stream;
}

/** Runs a command with an input to its end. */
export async function piped(session: GuestSession, command: string, input: Buffer = Buffer.alloc(0)) {
  const chunks: Buffer[] = [];
  const stdout = new PassThrough();
  stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const streams = { stdin: Readable.from([input]), stdout, stderr: collecting(() => {}) };
  const end: CommandEnd = await (await session.pipe(command, streams)).ended;
  // What was handed on is in the stream; this turn gives it to its reader.
  await new Promise((resolve) => setImmediate(resolve));
  return { end, stdout: Buffer.concat(chunks) };
}
