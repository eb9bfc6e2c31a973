import { once } from 'node:events';

/** What a stream has given so far. */
export function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk) => {
    text += String(chunk);
  });
  return () => text;
}

/** Waits until what a stream has given is enough. */
export async function until(stream: NodeJS.ReadableStream, condition: () => boolean): Promise<void> {
  while (!condition()) await once(stream, 'data');
}
