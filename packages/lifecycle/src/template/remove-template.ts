import { rename, rm } from 'node:fs/promises';
import { withLock } from '@katavm/core';
import type { Context } from '../context/context.js';
import { generationLockName } from '../gc/collect-old-generations.js';
import { listCloneNames, readCloneRecord } from '../state/clone-record.js';
import { removedSuffix } from './template-folder.js';

/** Removes a template, unless a clone's disk still stands on it. Returns whether it was removed. */
export async function removeTemplate(context: Context, config: string, name: string): Promise<boolean> {
  // A clone that is being made holds it until its record says what it stands on.
  return withLock(context.state.lock(generationLockName(config)), {}, async () => {
    if (await isInUse(context, config, name)) return false;
    const directory = context.state.template(config, name);
    const doomed = directory + removedSuffix;
    await rename(directory, doomed);
    await rm(doomed, { recursive: true, force: true });
    return true;
  });
}

/** A clone whose record cannot be read may use any of them. */
async function isInUse({ state }: Context, config: string, name: string): Promise<boolean> {
  for (const clone of await listCloneNames(state)) {
    const record = await readCloneRecord(state, clone).catch(() => 'unreadable' as const);
    if (record === 'unreadable' || (record?.config === config && record.template === name)) return true;
  }
  return false;
}
