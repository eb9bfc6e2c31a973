import { lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * A folder that this user alone can write to or replace, made where it is absent; `undefined` where there is none: below a folder of
 * somebody else's, or one that others may write to. In a folder like /tmp (sticky) nobody can replace what is another's.
 *
 * @param parent has to be there: this is for what may as well be missing.
 */
export function privateFolder(parent: string, name: string, uid: number): string | undefined {
  try {
    const folder = join(realpathSync(parent), name);
    mkdirSync(folder, { mode: 0o700, recursive: true });
    const { mode, uid: owner } = lstatSync(folder);
    return owner === uid && (mode & 0o077) === 0 && foldersAbove(folder).every((each) => isSafe(each, uid)) ? folder : undefined;
  } catch {
    return undefined; // no such parent, a file system that is read-only, no right to write
  }
}

function foldersAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...foldersAbove(parent)];
}

function isSafe(folder: string, uid: number): boolean {
  const { mode, uid: owner } = lstatSync(folder);
  return (owner === uid || owner === 0) && ((mode & 0o022) === 0 || (mode & 0o1000) !== 0);
}
