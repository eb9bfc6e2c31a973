import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemErrorCode } from '@katavm/core';
import type { BaseContext } from '../adapter.js';
import { digestFile } from './digest.js';
import { checkEntry } from './find-entry.js';
import { type BaseRequest, entryDirectory, requestLink } from './layout.js';
import type { BaseManifest } from './manifest.js';
import type { CacheEntry } from './verify-entry.js';

/** What was made in a partial directory. `disk`, and `kernel` and `initrd` with a command line, lie there under these names. */
export interface MadeBase
  extends Pick<BaseManifest, 'origin' | 'disk' | 'format' | 'virtualSizeBytes' | 'commandLine' | 'about'> {
  readonly fileNames: readonly string[];
}

/** Makes a partial directory an entry of the cache and lets the request lead to it. */
export async function storeEntry(
  partial: string,
  made: MadeBase,
  request: BaseRequest,
  context: BaseContext,
): Promise<CacheEntry> {
  const { fileNames, ...about } = made;
  const files: Record<string, string> = {};
  for (const name of fileNames) files[name] = await digestFile(join(partial, name), 'sha256', { ...context, what: undefined });
  const manifest: BaseManifest = { version: 1, ...about, created: new Date().toISOString(), files };
  const sha256 = files[made.disk];
  if (sha256 === undefined) throw new Error(`${made.disk} is not among the files of the base`);
  for (const name of fileNames) await chmod(join(partial, name), 0o444);
  await writeFile(join(partial, 'base.json'), `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o444 });
  // QEMU may run as another user: it must be able to pass.
  await chmod(partial, 0o755);
  const entry = await moveIntoPlace(
    partial,
    { directory: entryDirectory(context.cacheDirectory, sha256), sha256, manifest },
    context,
  );
  await linkRequest(request, sha256, context.cacheDirectory);
  return entry;
}

/** rename(2) of a directory is atomic, and refuses where a directory that is not empty has the name. */
async function moveIntoPlace(partial: string, entry: CacheEntry, context: BaseContext): Promise<CacheEntry> {
  for (;;) {
    try {
      await rename(partial, entry.directory);
      return entry;
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST'].includes(systemErrorCode(error) ?? '')) throw error;
    }
    // The same bytes came by another request: that entry stays, unless it was altered (then it is removed, and ours takes its place).
    const existing = await checkEntry(entry.sha256, context);
    if (!existing) continue;
    await rm(partial, { recursive: true, force: true });
    return existing;
  }
}

/** Replaces an older link in one step. */
export async function linkRequest(request: BaseRequest, sha256: string, cache: string): Promise<void> {
  const link = requestLink(cache, request);
  await mkdir(dirname(link), { recursive: true });
  const fresh = `${link}.${randomBytes(4).toString('hex')}`;
  await symlink(join('..', sha256), fresh);
  await rename(fresh, link);
}
