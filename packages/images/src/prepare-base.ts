import { mkdir } from 'node:fs/promises';
import { withLock } from '@katavm/core';
import type { PrepareBaseInput, PreparedBase } from './adapter.js';
import { asDiskFull } from './cache/disk-full.js';
import { cacheLock } from './cache/layout.js';
import { prepareFromPackages } from './packages/prepare-from-packages.js';
import { prepareFromPath } from './path/prepare-from-path.js';
import { prepareFromUrl } from './url/prepare-from-url.js';

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
    if ('path' in source) return await prepareFromPath(source, context);
    const { lockDirectory, signal } = context;
    return await withLock(cacheLock(lockDirectory), { mode: 'shared', signal }, () =>
      'packages' in source ? prepareFromPackages(source.packages, context) : prepareFromUrl(source, context),
    );
  } catch (error) {
    throw asDiskFull(error, context.cacheDirectory);
  }
}
