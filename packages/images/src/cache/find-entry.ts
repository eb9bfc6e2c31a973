import { existsSync } from 'node:fs';
import { readlink, rm, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { systemErrorCode } from '@katavm/core';
import type { BaseContext } from '../adapter.js';
import { type BaseRequest, entryDirectory, requestLink } from './layout.js';
import { type CacheEntry, verifyEntry } from './verify-entry.js';

/** The verified entry that answered this request before. One that was altered is told of, removed, and counts as absent. */
export async function findEntry(request: BaseRequest, context: BaseContext): Promise<CacheEntry | undefined> {
  const sha256 = await readRequestLink(request, context);
  return sha256 === undefined ? undefined : await checkEntry(sha256, context);
}

/** As `findEntry`, by the disk's digest. An entry that somebody removed as a whole is absent, not altered. */
export async function checkEntry(sha256: string, context: BaseContext): Promise<CacheEntry | undefined> {
  const directory = entryDirectory(context.cacheDirectory, sha256);
  if (!existsSync(directory)) return undefined;
  const verdict = await verifyEntry(directory, sha256, context);
  if ('entry' in verdict) {
    await dateUse(directory);
    return verdict.entry;
  }
  await rm(directory, { recursive: true, force: true });
  const message = `the cached base ${sha256.slice(0, 12)} was altered (${verdict.altered}): it was removed, and is made anew`;
  context.emit({ type: 'notice', level: 'warning', code: 'KATAVM_BASE_ALTERED', message });
  return undefined;
}

/** When a base was used last is what `collectBases` goes by. */
async function dateUse(directory: string): Promise<void> {
  const now = new Date();
  await utimes(join(directory, 'base.json'), now, now);
}

async function readRequestLink(request: BaseRequest, { cacheDirectory }: BaseContext): Promise<string | undefined> {
  try {
    const name = basename(await readlink(requestLink(cacheDirectory, request)));
    return /^[0-9a-f]{64}$/.test(name) ? name : undefined;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
