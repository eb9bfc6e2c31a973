import { mkdir } from 'node:fs/promises';
import type { ImagesAdapter, PrepareBaseInput, PreparedBase } from './adapter.js';
import { asDiskFull } from './cache/disk-full.js';
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
    if ('packages' in source) return await prepareFromPackages(source.packages, context);
    if ('url' in source) return await prepareFromUrl(source, context);
    return await prepareFromPath(source, context);
  } catch (error) {
    throw asDiskFull(error, context.cacheDirectory);
  }
}

export const adapter: ImagesAdapter = { prepareBase };
