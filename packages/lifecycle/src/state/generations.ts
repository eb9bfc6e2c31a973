import { readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode, KatavmError, systemErrorCode } from '@katavm/core';
import { readJson } from './json-file.js';
import { type Manifest, manifestSchema } from './manifest.js';
import type { StateDirectory } from './state-directory.js';

/** An immutable build of a master, on this host. */
export interface Generation {
  readonly directory: string;
  readonly disk: string;
  readonly manifest: Manifest;
}

/** `20261122T201500Z-3f9a41c07b2e`: sorts by time, and tells equal builds from different ones. */
export function nameGeneration(created: Date, inputDigest: string): string {
  const time = created.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${time}-${inputDigest.slice(0, 12)}`;
}

export const partialSuffix = '.partial';
export const logsSuffix = '.logs';
/** `20261122T201500Z-3f9a41c07b2e`, and nothing else that stands beside it. */
const generationName = /^\d{8}T\d{6}Z-[0-9a-f]{12}$/;

/** Newest first. A folder without a manifest is not a generation: the manifest is written last. */
export async function listGenerations(state: StateDirectory, config: string): Promise<Generation[]> {
  const names = await readdir(state.master(config)).catch(absentAsEmpty);
  const finished = names
    .filter((name) => generationName.test(name))
    .sort()
    .reverse();
  const generations = await Promise.all(finished.map((name) => readGeneration(state, config, name)));
  return generations.filter((generation) => generation !== undefined);
}

async function readGeneration(state: StateDirectory, config: string, name: string): Promise<Generation | undefined> {
  const directory = state.generation(config, name);
  const manifest = await readJson(join(directory, 'manifest.json'), manifestSchema);
  return manifest && { directory, manifest, disk: join(directory, manifest.disk.file) };
}

/**
 * The generation that new clones are made of.
 *
 * @throws KATAVM_MASTER_NOT_BUILT, KATAVM_GENERATION_ALTERED when its disk is not as it was sealed.
 */
export async function currentGeneration(state: StateDirectory, config: string): Promise<Generation> {
  const generation = await findCurrent(state, config);
  if (!generation) {
    throw new KatavmError({
      code: 'KATAVM_MASTER_NOT_BUILT',
      message: `there is no master of "${config}" in ${state.masters}`,
      hint: `katavm master build ${config}`,
      exitCode: ExitCode.notFound,
    });
  }
  await assertUntouched(generation);
  return generation;
}

export async function findCurrent(state: StateDirectory, config: string): Promise<Generation | undefined> {
  try {
    return await readGeneration(state, config, await readlink(state.currentGeneration(config)));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Swaps the symlink in one step: a clone being made sees the old or the new generation. */
export async function makeCurrent(state: StateDirectory, config: string, generation: string): Promise<void> {
  const link = state.currentGeneration(config);
  const partial = `${link}.${process.pid}${partialSuffix}`;
  await rm(partial, { force: true });
  await symlink(generation, partial);
  await rename(partial, link);
}

/** The names of the configs that have a master, or had a build begun. */
export async function listMasters(state: StateDirectory): Promise<string[]> {
  return (await readdir(state.masters).catch(absentAsEmpty)).sort();
}

/**
 * The cheap look at every clone: size and modification time, which the freeze set to the manifest's `created`. Whoever
 * wants proof runs `katavm master verify`, which reads every byte.
 */
async function assertUntouched({ disk, manifest }: Generation): Promise<void> {
  const found = await stat(disk).catch(() => undefined);
  if (found?.size === manifest.disk.bytes && found.mtime.getTime() === new Date(manifest.created).getTime()) return;
  throw generationAltered(manifest, found ? `${disk} was written after it was sealed` : `${disk} is gone`);
}

export function generationAltered(manifest: Manifest, what: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_GENERATION_ALTERED',
    message: `generation ${manifest.generation} of "${manifest.config}" is not what was sealed: ${what}`,
    hint: `it is not used any more; build a new one: katavm master build ${manifest.config} --force`,
    details: { config: manifest.config, generation: manifest.generation },
  });
}

function absentAsEmpty(error: unknown): string[] {
  if (systemErrorCode(error) === 'ENOENT') return [];
  throw error;
}
