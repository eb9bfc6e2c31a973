import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '@katavm/core';
import { z } from '@katavm/core/schema';
import { writeJson } from './json-file.js';
import type { StateDirectory } from './state-directory.js';

/** runs/<clone>.json: what became of one run. Written when it has ended, and read by people and programs; katavm needs none. */
export const runRecordSchema = z.strictObject({
  version: z.literal(1),
  clone: z.string(),
  config: z.string(),
  generation: z.string(),
  start: z.enum(['cold', 'pooled', 'template']),
  owner: z.string(),
  /** ISO 8601, UTC. */
  began: z.string(),
  ended: z.string(),
  /** null where the command did not come to an end of its own. */
  exitCode: z.number().nullable(),
  kept: z.boolean(),
  /** Where the launch's time went, in its order. */
  timings: z.array(z.strictObject({ part: z.string(), milliseconds: z.number() })),
});

export type RunRecord = z.infer<typeof runRecordSchema>;

/** How long gc leaves them: a month. */
const keptMilliseconds = 30 * 24 * 3_600_000;

export async function writeRunRecord(state: StateDirectory, record: RunRecord): Promise<void> {
  await mkdir(state.runs, { recursive: true, mode: 0o700 });
  // Not synced: nothing depends on it, and a job's end must not wait for a busy disk.
  await writeJson(join(state.runs, `${record.clone}.json`), record, { mode: 0o600, sync: false });
}

/** Removes those that are older than a month. Returns their clones' names. */
export async function removeOldRunRecords(state: StateDirectory): Promise<string[]> {
  const removed: string[] = [];
  for (const file of await list(state.runs)) {
    const path = join(state.runs, file);
    const found = await stat(path).catch(() => undefined);
    if (!found || Date.now() - found.mtimeMs <= keptMilliseconds) continue;
    await rm(path, { force: true });
    removed.push(file.replace(/\.json$/, ''));
  }
  return removed;
}

async function list(directory: string): Promise<string[]> {
  return readdir(directory).catch((error) => {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  });
}
