import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { exec } from '@katavm/core';
import type { Seed } from '../adapter.js';

/** 1980-01-01, the first day that FAT and ZIP can name too; any fixed time will do. Seconds. */
const fixedTime = 315_532_800;

/**
 * Writes the volume that cloud-init's NoCloud finds by its label (`cidata`), mode 0600: a proxy's password can be in it. It is
 * renamed to `path` when it is whole. xorriso takes every time from SOURCE_DATE_EPOCH and the files: equal seeds, equal bytes.
 *
 * @throws KATAVM_COMMAND_MISSING where there is no xorriso, KATAVM_COMMAND_FAILED where it fails, KATAVM_INTERRUPTED.
 */
export async function writeSeed(path: string, seed: Seed, signal?: AbortSignal): Promise<{ readonly sha256: string }> {
  await mkdir(dirname(path), { recursive: true });
  const work = await mkdtemp(join(dirname(path), '.seed-')); // mkdtemp makes it 0700, and a rename needs the same file system
  try {
    const volume = join(work, 'volume');
    const iso = join(work, 'seed.iso');
    await writeVolume(volume, seed);
    await exec('xorriso', ['-no_rc', '-as', 'mkisofs', '-quiet', '-V', 'cidata', '-J', '-r', '-o', iso, volume], {
      env: { SOURCE_DATE_EPOCH: String(fixedTime), TZ: 'UTC' },
      signal,
    });
    await chmod(iso, 0o600);
    const sha256 = await digest(iso);
    await rename(iso, path);
    return { sha256 };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function writeVolume(folder: string, seed: Seed): Promise<void> {
  const files = { 'user-data': seed.userData, 'meta-data': seed.metaData, 'network-config': seed.networkConfig };
  await mkdir(folder, { mode: 0o700 });
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) continue;
    await writeFile(join(folder, name), content, { mode: 0o600 });
    await utimes(join(folder, name), fixedTime, fixedTime);
  }
  await utimes(folder, fixedTime, fixedTime);
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
