import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from './duration.js';

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5h', 5_400_000],
    ['2 D', 172_800_000],
  ])('of %j is %i ms', (text, duration) => expect(parseDuration(text)).toBe(duration));

  it.each(['', '30', 's', '0s', '-1s', '1w', '1h30m', 'constructors', '1__proto__', '25d', `${'9'.repeat(400)}s`])(
    'cannot be %j',
    (text) => {
      expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'KATAVM_DURATION_INVALID', exitCode: 2 }));
    },
  );

  it('is never longer than a timer of Node can be, since a longer one would fire at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom('ms', 's', 'm', 'h', 'd'), (count, unit) => {
        try {
          expect(parseDuration(`${count}${unit}`)).toBeLessThanOrEqual(2 ** 31 - 1);
        } catch (error) {
          expect(error).toMatchObject({ code: 'KATAVM_DURATION_INVALID' });
          expect(count).toBeGreaterThan(24);
        }
      }),
    );
  });

  it.each([
    [400, '0.4 s'],
    [59_949, '59.9 s'],
    [59_999, '1 min 00 s'],
    [245_000, '4 min 05 s'],
  ])('of %i ms is shown as %s', (duration, text) => expect(formatDuration(duration)).toBe(text));
});
