import { expect, test } from 'vitest';
import { largerNeed, majorOf } from './java-record.js';

test.each([
  ['1.8.0_402', 8],
  ['9', 9],
  ['11.0.29', 11],
  ['17.0.15', 17],
  ['21-ea', 21],
  ['25.0.1+8', 25],
])('%s is a Java %i', (version, major) => {
  expect(majorOf(version)).toBe(major);
});

test('what is no version is none', () => {
  expect(majorOf('internal')).toBeUndefined();
});

test('of what a controller and its jar need, the larger counts, whoever says it', () => {
  const [jar, controller] = [
    { major: 17, of: 'the jar' },
    { major: 21, of: 'Jenkins' },
  ];
  expect(largerNeed(jar, controller)).toBe(controller);
  expect(largerNeed(controller, undefined, jar)).toBe(controller);
  expect(largerNeed(undefined, undefined)).toBeUndefined();
});
