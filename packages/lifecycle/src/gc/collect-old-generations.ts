import { rename, rm } from 'node:fs/promises';
import { throwIfAborted, withLock } from '@katavm/core';
import type { Context } from '../context/context.js';
import { listCloneNames, readCloneRecord } from '../state/clone-record.js';
import { findCurrent, type Generation, listGenerations, listMasters, makeCurrent } from '../state/generations.js';
import type { Manifest } from '../state/manifest.js';

/**
 * Removes the generations of each master but its newest `keep` ones. The current one, and one that a clone still uses,
 * are never removed.
 */
export async function collectOldGenerations(context: Context, keep: number, signal?: AbortSignal): Promise<string[]> {
  const collected: string[] = [];
  for (const config of await listMasters(context.state)) {
    for (const generation of (await listGenerations(context.state, config)).slice(keep)) {
      throwIfAborted(signal);
      if (await removeGeneration(context, generation)) collected.push(generation.manifest.generation);
    }
  }
  return collected;
}

/** Removes one generation, unless it is current or in use. Returns whether it was removed. */
export async function removeGeneration(context: Context, { manifest, directory }: Generation): Promise<boolean> {
  return withLock(context.state.lock(generationLockName(manifest.config)), {}, async () => {
    const current = await findCurrent(context.state, manifest.config);
    if (current?.manifest.generation === manifest.generation) return false;
    if (await isInUse(context, manifest)) return false;
    const doomed = `${directory}.removed`;
    await rename(directory, doomed);
    await rm(doomed, { recursive: true, force: true });
    return true;
  });
}

/** Makes new clones of this generation; gc, which might be about to remove it, has to wait. */
export async function useGeneration(context: Context, { manifest }: Generation): Promise<void> {
  await withLock(context.state.lock(generationLockName(manifest.config)), {}, () =>
    makeCurrent(context.state, manifest.config, manifest.generation),
  );
}

/** Held shared while a clone chooses its generation and writes its record, exclusive while one is removed. */
export function generationLockName(config: string): string {
  return `generations-${config}`;
}

/** A clone whose record cannot be read may use any of them. */
async function isInUse(context: Context, { config, generation }: Manifest): Promise<boolean> {
  for (const name of await listCloneNames(context.state)) {
    const record = await readCloneRecord(context.state, name).catch(() => 'unreadable' as const);
    if (record === 'unreadable' || (record?.config === config && record.generation === generation)) return true;
  }
  return false;
}
