import { expect, test } from 'vitest';
import { isBelow } from './sign-test.js';

const samples = (below: number, reached: number) => [...Array(below).fill(0.99), ...Array(reached).fill(1.01)] as number[];

test('what is below in nearly all rounds is below', () => {
  expect(isBelow(samples(21, 0), 1)).toBe(true);
  expect(isBelow(samples(16, 5), 1)).toBe(true);
  expect(isBelow(samples(6, 0), 1)).toBe(true);
});

test('what chance brings about is not', () => {
  expect(isBelow(samples(15, 6), 1)).toBe(false);
  expect(isBelow(samples(5, 0), 1)).toBe(false);
  expect(isBelow(samples(0, 21), 1)).toBe(false);
});
