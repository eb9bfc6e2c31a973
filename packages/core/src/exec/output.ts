import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Far above what a tool prints, and far below the longest string that V8 can hold (2^29 bytes). */
export const largestOutputBytes = 64 * 1024 ** 2;

/** Collects a stream as text. `overflow` is called once when it grows too large; what comes later is thrown away. */
export function collectText(stream: Readable | null, overflow: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream?.on('data', (chunk: Buffer) => {
    if (bytes > largestOutputBytes) return;
    bytes += chunk.length;
    if (bytes > largestOutputBytes) overflow();
    else chunks.push(chunk);
  });
  return () =>
    Buffer.concat(chunks)
      .toString('utf8')
      .replace(/\r?\n$/, '');
}

/** Calls `onLine` for every line as it comes, and at the stream's end for a last one without a newline. */
export function forwardLines(stream: Readable | null, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream?.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.replace(/\r$/, ''));
  });
  stream?.once('end', () => {
    rest += decoder.end();
    if (rest !== '') onLine(rest);
  });
}
