import { KatavmError } from '@katavm/core';
import { diskFull } from '../cache/disk-full.js';
import { type FailureKind, failureKind } from './failure-kinds.js';

const shownLines = 15;

const unknown: FailureKind = {
  code: 'KATAVM_BASE_BUILD_FAILED',
  what: 'mmdebstrap failed',
  hint: 'the lines above say what failed; the output events hold all of it',
};

/** @param lines all that mmdebstrap printed. @param work where it unpacked. */
export function buildFailed(what: string, lines: readonly string[], work: string): KatavmError {
  const text = lines.join('\n');
  if (/No space left on device|Disk quota exceeded|enough free space/.test(text))
    return diskFull(work, 'the packages do not fit');
  const kind = failureKind(text) ?? unknown;
  return new KatavmError({
    code: kind.code,
    message: `cannot make ${what}: ${kind.what}:\n${tellingLines(lines).join('\n')}`,
    hint: kind.hint,
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
