import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Recipe } from './recipe.js';

export interface StagedSources {
  /** sources.list for the build itself. */
  readonly lines: readonly string[];
  /** Host path and guest path of each file that the guest gets. */
  readonly uploads: readonly (readonly [string, string])[];
}

/**
 * Puts sources.list and the keyrings that the guest gets into the work directory, and lets the build use them from there: root of
 * a user namespace cannot read a keyring in a home of mode 0700.
 */
export async function stageSources({ sources, keyrings }: Recipe, work: string): Promise<StagedSources> {
  const list = join(work, 'sources.list');
  await writeFile(list, `${sources.join('\n')}\n`);
  const uploads: [string, string][] = [[list, '/etc/apt/sources.list']];
  let lines = sources;
  for (const { hostPath, guestPath } of keyrings) {
    const staged = join(work, basename(guestPath));
    await copyFile(hostPath, staged);
    await chmod(staged, 0o644);
    uploads.push([staged, guestPath]);
    lines = lines.map((line) => line.replace(`signed-by=${guestPath}`, `signed-by=${staged}`));
  }
  return { lines, uploads };
}
