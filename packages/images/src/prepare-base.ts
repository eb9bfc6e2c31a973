import { mkdir } from 'node:fs/promises';
import { withLock } from '@katavm/core';
import type { PrepareBaseInput, PreparedBase } from './adapter.js';
import { asDiskFull } from './cache/disk-full.js';
import { cacheLock } from './cache/layout.js';

/**
 * Gives a verified disk to start a master from: one made from packages, a downloaded image, or a file of this host.
 * Built and downloaded bases come from the cache when they are in it, where they are verified by digest at each use.
 * What fails leaves the cache as it was.
 *
 * @throws KATAVM_BASE_* (README.md lists them), KATAVM_BASE_PROXY_INVALID, KATAVM_COMMAND_MISSING, KATAVM_INTERRUPTED
 */
export async function prepareBase(input: PrepareBaseInput): Promise<PreparedBase> {
  const { source, ...context } = input;
  try {
    await mkdir(context.cacheDirectory, { recursive: true });
    const prepare = await loadWay(source);
    if ('path' in source) return await prepare(context);
    const { lockDirectory, signal } = context;
    return await withLock(cacheLock(lockDirectory), { mode: 'shared', signal }, () => prepare(context));
  } catch (error) {
    throw asDiskFull(error, context.cacheDirectory);
  }
}

type Way = (context: Omit<PrepareBaseInput, 'source'>) => Promise<PreparedBase>;

/** Here: each launch loads this package for its schema, and few commands prepare a base. */
async function loadWay(source: PrepareBaseInput['source']): Promise<Way> {
  if ('path' in source) {
    const { prepareFromPath } = await import('./path/prepare-from-path.js');
    return (context) => prepareFromPath(source, context);
  }
  if ('url' in source) {
    const { prepareFromUrl } = await import('./url/prepare-from-url.js');
    return (context) => prepareFromUrl(source, context);
  }
  const { prepareFromPackages } = await import('./packages/prepare-from-packages.js');
  return (context) => prepareFromPackages(source.packages, context);
}
