import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';

/** A file as a generation's manifest tells of it. */
export interface SealedFile {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Reads it whole. */
export async function sealedFile(folder: string, file: string): Promise<SealedFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(join(folder, file), { highWaterMark: 1024 ** 2 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { file, sha256: hash.digest('hex'), bytes };
}
