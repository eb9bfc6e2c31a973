import { expect, test } from 'vitest';
import { takesFileSets } from './qemu-monitor.js';

const version = (major: number, minor: number) => ({ qemu: { major, minor, micro: 0 }, package: 'Debian' });

test.each([
  [7, 2, false],
  [8, 2, false],
  [9, 0, false],
  [9, 1, true],
  [10, 0, true],
  [11, 1, true],
])('QEMU %i.%i is given a memory image’s file as one of a set: %s', (major, minor, expected) => {
  expect(takesFileSets(version(major, minor))).toBe(expected);
});

test('a QEMU that does not say its version is taken for an old one', () => {
  expect(takesFileSets({})).toBe(false);
});
