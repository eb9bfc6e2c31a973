import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backingLimitBytes, overlayImage, virtualSizeIn } from './qcow2-overlay.js';

const layout = (backing: string, virtualSizeBytes: number) => overlayImage({ backing, backingFormat: 'qcow2', virtualSizeBytes });

describe('an empty overlay', () => {
  test('takes 256 KiB, or a little more, whatever the size of the disk', () => {
    expect(layout('/master.qcow2', 512 * 1024 ** 2).lengthBytes).toBe(256 * 1024);
    expect(layout('/master.qcow2', 2 * 1024 ** 4).lengthBytes).toBe(256 * 1024);
    expect(layout('/master.qcow2', 16 * 1024 ** 4).lengthBytes).toBe((3 + 8) * 64 * 1024);
  });

  test('states the size that it was given, and its pieces do not overlap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 45 }), fc.stringMatching(/^\/[a-zü ]{0,400}$/), (size, backing) => {
        const { pieces, lengthBytes } = layout(backing, size);
        expect(virtualSizeIn(pieces[0]?.data ?? Buffer.alloc(0))).toBe(size);
        const ends = pieces.map(({ offset, data }) => offset + data.length);
        for (const [index, { offset }] of pieces.entries()) expect(offset).toBeGreaterThanOrEqual(ends[index - 1] ?? 0);
        expect(Math.max(...ends)).toBeLessThanOrEqual(lengthBytes);
      }),
    );
  });

  test('refuses a path that the format has no room for', () => {
    expect(() => layout(`/${'x'.repeat(backingLimitBytes)}`, 512)).toThrow('at most 1023 bytes');
  });
});
