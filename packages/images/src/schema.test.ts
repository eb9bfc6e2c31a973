import { expect, test } from 'vitest';
import { baseSchema } from './schema.js';

const digest = 'a'.repeat(64);

test('an image by URL must say what it should be, in exactly one way', () => {
  const url = 'https://images.example.org/image.img';
  expect(baseSchema.safeParse({ url }).success).toBe(false);
  expect(baseSchema.safeParse({ url, sha256: digest }).success).toBe(true);
  expect(baseSchema.safeParse({ url, sha256: digest, checksums: 'https://images.example.org/SHA256SUMS' }).success).toBe(false);
});

test('a mirror with a password is refused: it would be written into every guest', () => {
  const packages = { suite: 'bookworm', mirror: 'https://user:secret@mirror.example.org/debian' };
  const { error } = baseSchema.safeParse({ packages });
  expect(error?.message).toContain('written into every guest');
  expect(error?.message).not.toContain('secret');
});

test('what could become a second line of sources.list or an option of a command is refused', () => {
  for (const bad of [{ suite: '-x' }, { suite: 'a b' }, { suite: 'a', include: ['-o'] }, { suite: 'a', keyring: '/a b' }]) {
    expect(baseSchema.safeParse({ packages: bad }).success).toBe(false);
  }
});

test('a command line without a kernel says that it needs one', () => {
  const { error } = baseSchema.safeParse({ path: '/a.img', commandLine: 'ro' });
  expect(error?.message).toContain('need kernel');
});
