import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileNameOf } from './file-name-of.js';

test('a plain name is itself', () => {
  expect(fileNameOf('vm-1.example_x')).toBe('vm-1.example_x');
});

test('whatever the name, the file has one that every file system takes, and another name has another', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 300, unit: 'grapheme' }), fc.string({ minLength: 1 }), (one, other) => {
      expect(fileNameOf(one)).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/);
      if (one !== other) expect(fileNameOf(one)).not.toBe(fileNameOf(other));
    }),
  );
  expect(fileNameOf('測量機一')).not.toBe(fileNameOf('測量機二'));
});
