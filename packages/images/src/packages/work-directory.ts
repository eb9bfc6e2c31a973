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
  const parent = workParent();
  const prefix = `katavm-base-${createHash('sha256').update(`${context.cacheDirectory}\n${request.digest}`).digest('hex').slice(0, 16)}-`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix) && (await stat(join(parent, name))).uid === process.geteuid?.())
      await removeTree(join(parent, name));
  }
  const directory = await mkdtemp(join(parent, prefix));
  undo.push('remove the unpacked packages', () => removeTree(directory));
  await chmod(directory, 0o755);
  return directory;
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
