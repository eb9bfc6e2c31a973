import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemErrorCode } from '@katavm/core';

const prefix = '.making-';

/** Making a pair takes seconds, on a slow host too: a folder of this age is one that a killed process left. */
const abandonedAfterMilliseconds = 3_600_000;

/** Has `work` make files in a private folder beside `path`, from where a rename can put them in place. */
export async function inFolderBeside<T>(path: string, work: (folder: string) => Promise<T>): Promise<T> {
  const parent = dirname(path);
  // Only the keys' own folder is private: QEMU's user has to pass through the ones above it.
  await mkdir(dirname(parent), { recursive: true });
  await mkdir(parent, { mode: 0o700 }).catch((error) => {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  });
  const folder = await mkdtemp(join(parent, prefix));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes what killed processes left beside `path`, which can be a private key. What may not be removed is left to who may. */
export async function removeAbandoned(path: string): Promise<void> {
  const parent = dirname(path);
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((name) => name.startsWith(prefix))) {
    const folder = join(parent, name);
    const age = await stat(folder).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > abandonedAfterMilliseconds) await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}
