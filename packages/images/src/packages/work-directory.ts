import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, type UndoStack } from '@katavm/core';
import type { BaseContext } from '../adapter.js';
import type { BaseRequest } from '../cache/layout.js';

/** True where mmdebstrap works in a user namespace: the tree then belongs to subordinate ids. */
export function isOrdinaryUser(): boolean {
  return process.geteuid?.() !== 0;
}

/**
 * A directory to unpack in. Not in the cache: a user namespace's root must be able to reach it, which a home of mode 0700 would
 * not allow. Not in /tmp by default, which often is memory. TMPDIR names another one; it must not be mounted nodev or noexec.
 *
 * The caller holds the request's lock: what an earlier build of the same request left here is removed first.
 */
export async function makeWorkDirectory(request: BaseRequest, context: BaseContext, undo: UndoStack): Promise<string> {
  const prefix = `${cachePrefix(context.cacheDirectory)}${request.digest.slice(0, 8)}-`;
  await removeWorkDirectories(prefix);
  const directory = await mkdtemp(join(workParent(), prefix));
  undo.push('remove the unpacked packages', () => removeTree(directory));
  await chmod(directory, 0o755);
  return directory;
}

/** What killed builds of any base of this cache left. The caller knows that none is being built. @returns what was removed. */
export function removeDeadWork(cacheDirectory: string): Promise<string[]> {
  return removeWorkDirectories(cachePrefix(cacheDirectory));
}

function cachePrefix(cacheDirectory: string): string {
  return `katavm-base-${createHash('sha256').update(cacheDirectory).digest('hex').slice(0, 12)}-`;
}

async function removeWorkDirectories(prefix: string): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await readdir(workParent())) {
    const path = join(workParent(), name);
    if (!name.startsWith(prefix) || (await stat(path)).uid !== process.geteuid?.()) continue;
    await removeTree(path);
    removed.push(path);
  }
  return removed;
}

export function workParent(): string {
  return process.env['TMPDIR'] === undefined ? '/var/tmp' : tmpdir();
}

/** Also what belongs to subordinate ids; never into a file system that is mounted there. */
export async function removeTree(directory: string): Promise<void> {
  if (isOrdinaryUser()) {
    // The namespace's root can empty what it owns; the directories themselves lie in one of ours.
    const empty = ['--unshare-helper', 'find', directory, '-mindepth', '2', '-xdev', '-delete'];
    await exec('mmdebstrap', empty, { acceptExitCodes: [0, 1, 2, 25] });
  }
  await exec('rm', ['-rf', '--one-file-system', directory]);
}
