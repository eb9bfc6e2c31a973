import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

/** SHA-256 of a file, hex. */
export async function digestFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const chunkBytes = 1024 ** 2;
  await pipeline(createReadStream(path, { highWaterMark: chunkBytes }), hash, { signal });
  return hash.digest('hex');
}
