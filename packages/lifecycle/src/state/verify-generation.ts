import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestFile } from './digest-file.js';
import { type Generation, generationAltered } from './generations.js';
import type { ManifestFile } from './manifest.js';

/**
 * Proves that a generation is byte for byte what was sealed. Reads every file whole.
 *
 * @throws KATAVM_GENERATION_ALTERED with the file that differs.
 */
export async function verifyGeneration(
  { manifest, directory }: Generation,
  signal?: AbortSignal,
): Promise<readonly ManifestFile[]> {
  const { boot } = manifest;
  const booted = boot.kind === 'kernel' ? [boot.kernel, ...(boot.initrd ? [boot.initrd] : [])] : [];
  const files = [manifest.disk, ...booted];
  for (const { file, sha256, bytes } of files) {
    const path = join(directory, file);
    const found = await stat(path).catch(() => undefined);
    if (!found) throw generationAltered(manifest, `${path} is gone`);
    if (found.size !== bytes) throw generationAltered(manifest, `${path} has ${found.size} bytes, and was sealed with ${bytes}`);
    const digest = await digestFile(path, signal);
    if (digest !== sha256) throw generationAltered(manifest, `${path} has the digest ${digest}, and was sealed with ${sha256}`);
  }
  return files;
}
