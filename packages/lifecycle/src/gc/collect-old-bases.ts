import { listPartialBuilds } from '../build/prepare-build.js';
import type { Context } from '../context/context.js';
import { listMasters } from '../state/generations.js';

/** Removes the bases that nothing asks for any more; a build that waits for step 3 still lies on its own. */
export async function collectOldBases({ state, adapters }: Context, signal?: AbortSignal): Promise<string[]> {
  const builds = await Promise.all((await listMasters(state)).map((config) => listPartialBuilds(state, config)));
  return adapters.images.collectBases({
    cacheDirectory: state.bases,
    lockDirectory: state.locks,
    inUse: builds.flat().map(({ build }) => build.base.sha256),
    signal,
  });
}
