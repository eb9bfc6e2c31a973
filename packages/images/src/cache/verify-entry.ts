import { join } from 'node:path';
import { type Emit, systemErrorCode } from '@katavm/core';
import { digestFile } from './digest.js';
import { type BaseManifest, readManifest } from './manifest.js';

export interface CacheEntry {
  readonly directory: string;
  readonly sha256: string;
  readonly manifest: BaseManifest;
}

export type Verdict = { readonly entry: CacheEntry } | { readonly altered: string };

/**
 * Reads every file of an entry and compares its digest. Size and time would be cheaper to compare, but a disk whose bytes
 * rotted or were edited in place keeps them; a GiB takes 0.8 s to read, in front of a build that takes minutes.
 */
export async function verifyEntry(
  directory: string,
  sha256: string,
  options: { readonly emit: Emit; readonly signal?: AbortSignal | undefined },
): Promise<Verdict> {
  const manifest = await readManifest(directory);
  if (!manifest) return { altered: 'its base.json is missing or cannot be read' };
  if (manifest.files[manifest.disk] !== sha256) return { altered: 'its base.json speaks of another disk' };
  for (const [name, expected] of Object.entries(manifest.files)) {
    const what = name === manifest.disk ? 'verify base' : undefined;
    const actual = await digestFile(join(directory, name), 'sha256', { ...options, what }).catch(missingFile);
    if (actual === undefined) return { altered: `${name} is missing` };
    if (actual !== expected) return { altered: `${name} is not what was stored` };
  }
  return { entry: { directory, sha256, manifest } };
}

function missingFile(error: unknown): undefined {
  if (systemErrorCode(error) === 'ENOENT') return undefined;
  throw error;
}
