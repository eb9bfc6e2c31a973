import { describe, expect, it, vi } from 'vitest';
import { abortReason, interruptedBy } from './aborted.js';
import { systemErrorCode } from './describe.js';
import { hasCode, isKatavmError, KatavmError } from './katavm-error.js';

describe('an error', () => {
  it('is recognised when another installed copy of this package made it', async () => {
    vi.resetModules();
    const other = await import('./katavm-error.js');
    const error = new other.KatavmError({ code: 'KATAVM_NAME_INVALID', message: 'no' });
    expect(error).not.toBeInstanceOf(KatavmError);
    expect(isKatavmError(error) && hasCode(error, 'KATAVM_NAME_INVALID')).toBe(true);
  });

  it.each([new Error('bug'), { code: 'KATAVM_NAME_INVALID' }, 'KATAVM_NAME_INVALID', null, undefined])(
    'that is a bug is not taken for one of ours: %j',
    (error) => expect(isKatavmError(error)).toBe(false),
  );

  it("of ours is not taken for one of Node's", () => {
    expect(systemErrorCode(new KatavmError({ code: 'KATAVM_NAME_INVALID', message: 'no' }))).toBeUndefined();
    expect(systemErrorCode(Object.assign(new Error('gone'), { code: 'ENOENT' }))).toBe('ENOENT');
  });
});

describe('an interruption', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s exits with %i, as shells report it', (signal, exitCode) => {
    expect(interruptedBy(signal).exitCode).toBe(exitCode);
  });

  it('by code that gave no reason is ours all the same', () => {
    expect(abortReason(AbortSignal.abort())).toMatchObject({ code: 'KATAVM_INTERRUPTED', exitCode: 130 });
  });
});
