import { basename, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keysSchema } from './schema.js';

test('a config that says nothing of keys gets the common ed25519 pair', () => {
  expect(keysSchema.parse({})).toEqual({ name: 'katavm', type: 'ed25519' });
});

test('no accepted name leaves the keys folder, hides in it, or is the .pub of another', () => {
  const name = fc.oneof(fc.string(), fc.constantFrom('..', '.', '', 'a/b', '../a', 'a.pub', '-f', 'a\nb', 'a\0'));
  fc.assert(
    fc.property(name, (text) => {
      if (!keysSchema.safeParse({ name: text }).success) return;
      expect(basename(join('/keys', text))).toBe(text);
      expect(text).not.toMatch(/^[.-]|\.pub$/);
    }),
  );
  for (const refused of ['..', '', 'a/b', 'a.pub', '-f', 'a\n'])
    expect(keysSchema.safeParse({ name: refused }).success).toBe(false);
});

test('an unknown key is an error', () => {
  expect(keysSchema.safeParse({ nmae: 'x' }).success).toBe(false);
});
