import { lstat, readdir, readlink, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { acquireLock, systemErrorCode, throwIfAborted } from '@katavm/core';
import type { CollectBasesInput } from '../adapter.js';
import { removeDeadWork } from '../packages/work-directory.js';
import { cacheLock, entryDirectory, requestLinks } from './layout.js';

const day = 24 * 3_600_000;
/** No request leads to it any more, since a refresh gave it a newer base: only a build that began before can still want it. */
const supersededMilliseconds = 7 * day;
/** What some config asked for last, or what its next build will ask for again: a monthly build finds it. */
const unusedMilliseconds = 35 * day;
/** What an interruption left of a download is worth resuming for as long as the image at its URL is likely the same. */
const downloadMilliseconds = 7 * day;

/**
 * Removes the bases that no build has asked for in a long time, and what killed preparations left. Does nothing while a base
 * is being prepared: the next collection finds the same.
 */
export async function collectBases({ cacheDirectory, lockDirectory, inUse, signal }: CollectBasesInput): Promise<string[]> {
  const lock = await acquireLock(cacheLock(lockDirectory), { wait: false, signal });
  if (!lock) return [];
  try {
    const collected: string[] = [];
    const wanted = await requestedDigests(cacheDirectory);
    for (const name of await namesIn(cacheDirectory)) {
      throwIfAborted(signal);
      if (!(await isGarbage(cacheDirectory, name, wanted, inUse))) continue;
      await rm(join(cacheDirectory, name), { recursive: true, force: true });
      collected.push(join(cacheDirectory, name));
    }
    collected.push(...(await removeDeadWork(cacheDirectory)));
    await removeDanglingLinks(cacheDirectory);
    return collected;
  } finally {
    await lock.release();
  }
}

async function isGarbage(cache: string, name: string, wanted: Set<string>, inUse: readonly string[]): Promise<boolean> {
  if (/\.download\.partial(\.json)?$/.test(name)) return isOlder(join(cache, name), downloadMilliseconds);
  // Nobody prepares a base at this moment: who began this one is dead.
  if (name.endsWith('.partial')) return true;
  if (!/^[0-9a-f]{64}$/.test(name) || inUse.includes(name)) return false;
  // Dated at each use; an entry without it is not whole, and no build can use it.
  const used = join(entryDirectory(cache, name), 'base.json');
  return isOlder(used, wanted.has(name) ? unusedMilliseconds : supersededMilliseconds);
}

async function isOlder(path: string, milliseconds: number): Promise<boolean> {
  const found = await lstat(path).catch(absent);
  return found === undefined || Date.now() - found.mtimeMs > milliseconds;
}

async function requestedDigests(cache: string): Promise<Set<string>> {
  const links = requestLinks(cache);
  const targets = (await namesIn(links)).map((name) => readlink(join(links, name)).catch(absent));
  return new Set((await Promise.all(targets)).map((target) => basename(target ?? '')));
}

async function removeDanglingLinks(cache: string): Promise<void> {
  const links = requestLinks(cache);
  for (const name of await namesIn(links)) {
    if ((await stat(join(links, name)).catch(absent)) === undefined) await rm(join(links, name), { force: true });
  }
}

async function namesIn(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(absent)) ?? [];
}

function absent(error: unknown): undefined {
  if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'EINVAL') return undefined;
  throw error;
}
