import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '@katavm/core';
import { z } from '@katavm/core/schema';
import { readJson, writeJson } from './json-file.js';
import type { StateDirectory } from './state-directory.js';

/** clone.json: what is stored of a clone. Whether it runs is libvirt's to say. */
export const cloneRecordSchema = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  config: z.string(),
  generation: z.string(),
  /** The template that it was made from, where it was: its disk is an overlay of the template's. */
  template: z.string().optional(),
  /** `job`: dies with the process that made it. `kept`: stays until it is deleted. */
  purpose: z.enum(['job', 'kept']),
  /** libvirt connection URI. */
  uri: z.string(),
  uuid: z.string(),
  macAddress: z.string(),
  acceleration: z.enum(['kvm', 'tcg']),
  network: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('user') }),
    z.strictObject({ kind: z.literal('network'), name: z.string() }),
    z.strictObject({ kind: z.literal('bridge'), name: z.string() }),
  ]),
  user: z.string(),
  /** The private key that opens it. */
  keyPath: z.string(),
  /** Its SSH host key, for the verification: `ssh-ed25519 AAAA…`. */
  hostKey: z.string(),
  created: z.string(),
  owner: z.string(),
  /** Set at its first start: from then on it is not clean any more. */
  started: z.string().optional(),
});

export type CloneRecord = z.infer<typeof cloneRecordSchema>;

export function recordPath(state: StateDirectory, name: string): string {
  return join(state.clone(name), 'clone.json');
}

export async function writeCloneRecord(state: StateDirectory, record: CloneRecord): Promise<void> {
  await writeJson(recordPath(state, record.name), record, { mode: 0o600 });
}

export function readCloneRecord(state: StateDirectory, name: string): Promise<CloneRecord | undefined> {
  return readJson(recordPath(state, name), cloneRecordSchema);
}

/** Every folder of `clones/`, with its record where it has a whole one. */
export async function listCloneNames(state: StateDirectory): Promise<string[]> {
  try {
    return (await readdir(state.clones)).sort();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
