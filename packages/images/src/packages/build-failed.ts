import { KatavmError } from '@katavm/core';
import { diskFull } from '../cache/disk-full.js';

const shownLines = 15;

/** What the usual failures say, and what to do about each. */
const hints: readonly (readonly [RegExp, string])[] = [
  [
    /Unable to locate package|has no installation candidate/,
    'check the names under base.packages.include, and whether components must hold more than main (universe, contrib)',
  ],
  [
    /NO_PUBKEY|is not signed|signatures? (couldn't|were|are) |GPG error/,
    "name the mirror's keyring as base.packages.keyring, or install the distribution's (debian-archive-keyring, ubuntu-keyring)",
  ],
  [/does not have a Release file|404 +Not Found/, 'the mirror does not have this suite: check base.packages.suite and mirror'],
  [
    /Could not resolve|Temporary failure resolving|Could not connect|Unable to connect|Connection (refused|timed out|failed)/,
    'the mirror cannot be reached: check the network, http_proxy, and base.packages.mirror',
  ],
  [
    /newuidmap|subuid|subgid|unprivileged_userns|unshare.*(failed|Operation not permitted)/,
    'an ordinary user needs subordinate ids: install uidmap, then run: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 "$USER"',
  ],
];

/** @param lines all that mmdebstrap printed. @param work where it unpacked. */
export function buildFailed(what: string, lines: readonly string[], work: string): KatavmError {
  const text = lines.join('\n');
  if (/No space left on device|Disk quota exceeded|enough free space/.test(text))
    return diskFull(work, 'the packages do not fit');
  return new KatavmError({
    code: 'KATAVM_BASE_BUILD_FAILED',
    message: `cannot make ${what}: mmdebstrap failed:\n${tellingLines(lines).join('\n')}`,
    hint:
      hints.find(([pattern]) => pattern.test(text))?.[1] ?? 'the lines above say what failed; the output events hold all of it',
  });
}

/** The errors, wherever they stood, and what came last; without mmdebstrap's own account, which repeats whole scripts. */
function tellingLines(lines: readonly string[]): string[] {
  const telling = lines.filter(
    (line) => !/^(I:|Get:|Fetched |Reading |Building |\/usr\/bin\/dpkg |E: (setup|mmdebstrap) failed)/.test(line),
  );
  const errors = telling.slice(0, -shownLines).filter((line) => /^(E|Err|dpkg: error)[:\d]/.test(line));
  return [...errors.slice(0, shownLines), ...telling.slice(-shownLines)];
}
