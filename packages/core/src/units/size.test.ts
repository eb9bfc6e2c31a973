import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSize, type MiB, parseSize } from './size.js';

describe('a size', () => {
  it('that was printed is read back as the same size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (size) => {
        expect(parseSize(formatSize(size as MiB))).toBe(size);
      }),
    );
  });

  it.each([
    ['512MiB', 512],
    ['512m', 512],
    ['2GiB', 2048],
    ['2 gb', 2048],
    ['1.5G', 1536],
    ['1T', 1024 ** 2],
  ])('of %j is %i MiB', (text, size) => expect(parseSize(text)).toBe(size));

  it.each(['', '512', 'GiB', '-1GiB', '0GiB', '0.1MiB', '1e3MiB', '2GiBs', '4KiB', '2GiB 1', `${'9'.repeat(30)}GiB`, '0x10MiB'])(
    'cannot be %j',
    (text) => {
      expect(() => parseSize(text)).toThrow(expect.objectContaining({ code: 'KATAVM_SIZE_INVALID', exitCode: 2 }));
    },
  );
});
