import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** In one step: whatever starts meanwhile finds a whole file, the old one or the new one. */
export async function replaceFile(path, text) {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, text);
  await rename(partial, path);
}
