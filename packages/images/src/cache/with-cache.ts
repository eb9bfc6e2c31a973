import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireLock, type Lock, type UndoStack, withUndo } from '@katavm/core';
import type { BaseContext, PreparedBase } from '../adapter.js';
import { findEntry } from './find-entry.js';
import { type BaseRequest, isPartialOf, partialDirectory, requestLock } from './layout.js';
import { type MadeBase, storeEntry } from './store-entry.js';
import type { CacheEntry } from './verify-entry.js';

/** Makes the base's files in `partial`, which is empty and private. */
export type MakeBase = (partial: string, undo: UndoStack) => Promise<MadeBase>;

/** Gives the request's entry from the cache, or makes it. Two processes that want the same wait for each other. */
export async function withCache(request: BaseRequest, context: BaseContext, make: MakeBase): Promise<PreparedBase> {
  const lock = await lockRequest(request, context);
  try {
    const found = context.refresh ? undefined : await findEntry(request, context);
    if (found) return toPreparedBase(found, true);
    await removeLeftovers(request, context.cacheDirectory);
    return toPreparedBase(await makeEntry(request, context, make), false);
  } finally {
    await lock?.release();
  }
}

function makeEntry(request: BaseRequest, context: BaseContext, make: MakeBase): Promise<CacheEntry> {
  return withUndo(context.emit, async (undo) => {
    const partial = partialDirectory(context.cacheDirectory, request);
    undo.push('remove the unfinished base', () => rm(partial, { recursive: true, force: true }));
    await mkdir(partial, { mode: 0o700 });
    return await storeEntry(partial, await make(partial, undo), request, context);
  });
}

/** A wait for another process is told, since it can take as long as a build. */
async function lockRequest(request: BaseRequest, { lockDirectory, signal, emit }: BaseContext): Promise<Lock | undefined> {
  const path = requestLock(lockDirectory, request);
  const free = await acquireLock(path, { wait: false, signal });
  if (free) return free;
  const begin = performance.now();
  const requirement = 'another process that prepares the same base';
  emit({ type: 'wait', state: 'waiting', requirement, milliseconds: 0 });
  const lock = await acquireLock(path, { signal });
  emit({ type: 'wait', state: 'ready', requirement, milliseconds: performance.now() - begin });
  return lock;
}

/** We hold the request's lock: whoever made these is dead. */
async function removeLeftovers(request: BaseRequest, cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (isPartialOf(name, request)) await rm(join(cache, name), { recursive: true, force: true });
  }
}

export function toPreparedBase({ directory, sha256, manifest }: CacheEntry, cached: boolean): PreparedBase {
  const { commandLine, disk, format, virtualSizeBytes, origin } = manifest;
  const boot =
    commandLine === undefined
      ? { kind: 'disk' as const }
      : { kind: 'kernel' as const, kernel: join(directory, 'kernel'), initrd: join(directory, 'initrd'), commandLine };
  return { disk: join(directory, disk), format, virtualSizeBytes, sha256, boot, origin, cached };
}
