import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { listCloneNames } from '../state/clone-record.js';
import type { StateDirectory } from '../state/state-directory.js';
import { listPooledConfigs, namesIn, poolPaths } from './pool-folder.js';

/** Removes what is noted of clones that are gone: that they wait, or that their job asked for a quiet host. */
export async function sweepPool(state: StateDirectory): Promise<void> {
  const configs = await listPooledConfigs(state);
  const folders = [state.quiet, ...configs.map((config) => poolPaths(state).ready(config))];
  // Before the clones are listed: each of these is written when its clone is there.
  const notes = await Promise.all(folders.map(async (folder) => (await namesIn(folder)).map((name) => ({ folder, name }))));
  const clones = new Set(await listCloneNames(state));
  for (const { folder, name } of notes.flat()) {
    // A note that a killed process half wrote is called CLONE.PID.partial.
    const [clone = ''] = name.split('.');
    if (!clones.has(clone)) await rm(join(folder, name), { force: true });
  }
}
