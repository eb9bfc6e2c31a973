import { ExitCode, KatavmError } from '@katavm/core';
import { describe, expect, test } from 'vitest';
import { errorJson, errorText, exitCodeOf } from './error.js';

const error = new KatavmError({
  code: 'KATAVM_BASE_DIGEST_MISMATCH',
  message: 'could not verify the image',
  hint: 'try again',
  log: '/var/log/it',
  details: { sha256: 'abc' },
  cause: new Error('connection reset'),
});

describe('a failure', () => {
  test('is told with its code, its cause, what to do, and where the whole story is', () => {
    expect(errorText(error)).toBe(
      [
        'error[KATAVM_BASE_DIGEST_MISMATCH]: could not verify the image',
        'cause: connection reset',
        'hint: try again',
        'log: /var/log/it',
        '',
      ].join('\n'),
    );
  });

  test('does not say twice what its message says already', () => {
    const cause = new Error('no space left');
    const text = errorText(new KatavmError({ code: 'KATAVM_DISK_FULL', message: `could not copy: ${cause.message}`, cause }));
    expect(text).toBe('error[KATAVM_DISK_FULL]: could not copy: no space left\n');
  });

  test('is plain data for programs', () => {
    expect(JSON.parse(JSON.stringify(errorJson(error)))).toEqual({
      code: 'KATAVM_BASE_DIGEST_MISMATCH',
      message: 'could not verify the image',
      hint: 'try again',
      log: '/var/log/it',
      details: { sha256: 'abc' },
    });
  });

  test('of katavm itself is a bug: it asks to be reported, and brings its stack trace', () => {
    expect(errorText(new TypeError('x is undefined'))).toMatch(/bug in katavm.*\nTypeError: x is undefined\n\s+at /);
    expect(errorText('thrown text')).toContain('thrown text');
    expect(errorJson(new TypeError('x is undefined'))).toEqual({ code: 'KATAVM_BUG', message: 'x is undefined' });
  });
});

describe('the exit code', () => {
  const withCode = (exitCode: ExitCode) => new KatavmError({ code: 'KATAVM_TEST', message: 'failed', exitCode });

  test("is the error's own, and 1 for a bug", () => {
    expect(exitCodeOf(withCode(ExitCode.notFound))).toBe(4);
    expect(exitCodeOf(new Error('a bug'))).toBe(1);
  });

  test("is 125 where a guest's own passes through, so that nobody takes our failure for the command's", () => {
    for (const code of [ExitCode.failed, ExitCode.usage, ExitCode.hostNotReady, ExitCode.notFound, ExitCode.timedOut])
      expect(exitCodeOf(withCode(code), true)).toBe(125);
    expect(exitCodeOf(new Error('a bug'), true)).toBe(125);
  });

  test('of an interruption is what shells expect of it, there too', () => {
    for (const code of [ExitCode.hungUp, ExitCode.interrupted, ExitCode.terminated])
      expect(exitCodeOf(withCode(code), true)).toBe(code);
  });
});
