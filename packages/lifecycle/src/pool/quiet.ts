import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJobAlive } from '../clone/job-lock.js';
import type { StateDirectory } from '../state/state-directory.js';
import { namesIn } from './pool-folder.js';

/**
 * From now on the pool boots nothing. The pool is told by the file system, and nobody waits for it. It holds as long as the job's
 * lock is held: a job that is killed needs nobody to end it.
 */
export async function beginQuiet(state: StateDirectory, clone: string): Promise<void> {
  await writeFile(join(state.quiet, clone), '', { mode: 0o600 });
}

export async function endQuiet(state: StateDirectory, clone: string): Promise<void> {
  await rm(join(state.quiet, clone), { force: true });
}

/** The clones whose jobs asked for a quiet host and live. What dead ones left is removed. */
export async function listQuiet(state: StateDirectory): Promise<string[]> {
  const alive: string[] = [];
  for (const clone of await namesIn(state.quiet)) {
    if (await isJobAlive(state, clone)) alive.push(clone);
    else await endQuiet(state, clone);
  }
  return alive;
}
