import { mkdir, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '@katavm/core';
import { z } from '@katavm/core/schema';
import { readJson, writeJson } from '../state/json-file.js';
import type { StateDirectory } from '../state/state-directory.js';

/** A clone of the pool that waits to be taken. Whoever unlinks this file has taken it: one succeeds. */
export const readyCloneSchema = z.strictObject({
  version: z.literal(1),
  clone: z.string(),
  config: z.string(),
  generation: z.string(),
  /** What it was made of: see `fitOf`. */
  fits: z.string(),
  /** ISO 8601, UTC: when it had booted. */
  since: z.string(),
  address: z.strictObject({ host: z.string(), port: z.number() }),
});

export type ReadyClone = z.infer<typeof readyCloneSchema>;

/** The paths below `pool/` (docs/state-directory.md). */
export function poolPaths({ pool }: StateDirectory) {
  return {
    ready: (config: string) => join(pool, 'ready', config),
    allReady: join(pool, 'ready'),
    /** Whoever writes here asks the server to look at once, and to forget failures. */
    asked: { folder: pool, name: 'asked' },
    drained: join(pool, 'drained'),
    status: join(pool, 'status.json'),
  };
}

export async function putReady(state: StateDirectory, ready: ReadyClone): Promise<void> {
  const folder = poolPaths(state).ready(ready.config);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeJson(join(folder, ready.clone), ready, { mode: 0o600 });
}

/** Takes a clone out of the pool. @returns false where another was quicker. */
export async function takeReady(
  state: StateDirectory,
  { config, clone }: Pick<ReadyClone, 'config' | 'clone'>,
): Promise<boolean> {
  try {
    await unlink(join(poolPaths(state).ready(config), clone));
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The names of a config's clones that wait. */
export async function listReadyNames(state: StateDirectory, config: string): Promise<string[]> {
  const names = await namesIn(poolPaths(state).ready(config));
  return names.filter((name) => !name.endsWith('.partial'));
}

/** One that is taken meanwhile is left out. */
export async function listReady(state: StateDirectory, config: string): Promise<ReadyClone[]> {
  const folder = poolPaths(state).ready(config);
  const names = await listReadyNames(state, config);
  const found = await Promise.all(names.map((name) => readJson(join(folder, name), readyCloneSchema)));
  return found.filter((ready) => ready !== undefined);
}

/** The names of all clones that wait. */
export async function listAllReady(state: StateDirectory): Promise<ReadonlySet<string>> {
  const names = await Promise.all((await listPooledConfigs(state)).map((config) => listReadyNames(state, config)));
  return new Set(names.flat());
}

/** The configs that the pool ever had clones of. */
export function listPooledConfigs(state: StateDirectory): Promise<string[]> {
  return namesIn(poolPaths(state).allReady);
}

export async function setDrained(state: StateDirectory, config: string, drained: boolean): Promise<void> {
  const { drained: folder } = poolPaths(state);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (drained) await writeFile(join(folder, config), '');
  else await rm(join(folder, config), { force: true });
}

export function listDrained(state: StateDirectory): Promise<string[]> {
  return namesIn(poolPaths(state).drained);
}

export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
