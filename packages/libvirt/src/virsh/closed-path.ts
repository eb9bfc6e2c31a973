import { readFileSync, type Stats, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

/** The user that QEMU runs as. */
export interface QemuUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * What to do where QEMU's user could not reach a file: which folder, or the file itself, keeps it out, and what opens it.
 *
 * @param user Anybody who is neither owner nor of the group, where it is left out.
 */
export function hintForClosedPath(path: string, user?: QemuUser): string | undefined {
  const folder = foldersAbove(path).find((each) => isClosed(each, user, 0o1));
  const who = nameOf(user);
  if (folder !== undefined) {
    const [quoted, mine] = [JSON.stringify(folder), homeFor(folder)];
    return `${who} cannot pass through ${folder} (mode ${modeOf(folder)}): chmod o+x ${quoted}, or choose a home that it can reach: ${mine}`;
  }
  if (!isClosed(path, user, 0o4)) return undefined;
  return `${who} cannot read ${path} (mode ${modeOf(path)}): chmod o+r ${JSON.stringify(path)}`;
}

function foldersAbove(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...foldersAbove(parent), parent];
}

/** By the mode alone: it is asked after a refusal, to say where it came from. */
function isClosed(path: string, user: QemuUser | undefined, right: number): boolean {
  const found = look(path);
  if (!found) return false;
  const shift = found.uid === user?.uid ? 6 : found.gid === user?.gid ? 3 : 0;
  return ((found.mode >> shift) & right) === 0;
}

function look(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined; // it is gone, or this user cannot look either
  }
}

function modeOf(path: string): string {
  return ((look(path)?.mode ?? 0) & 0o7777).toString(8).padStart(4, '0');
}

function homeFor(closed: string): string {
  const { uid, username } = userInfo();
  if (uid === 0) return closed === '/var/lib' ? 'KATAVM_HOME=/srv/katavm' : 'KATAVM_HOME=/var/lib/katavm';
  const home = `/var/lib/katavm-${username}`;
  return `sudo install -d -o ${username} -m 0711 ${home} && export KATAVM_HOME=${home}`;
}

function nameOf(user: QemuUser | undefined): string {
  if (!user) return 'the user that QEMU runs as';
  const { uid } = user;
  const line = passwd().find((each) => each.split(':')[2] === String(uid));
  return `user ${line === undefined ? uid : line.split(':')[0]}, as which QEMU runs,`;
}

function passwd(): string[] {
  try {
    return readFileSync('/etc/passwd', 'utf8').split('\n');
  } catch {
    return [];
  }
}
