import { expect, test } from 'vitest';
import { buildFailed } from './build-failed.js';
import { followPackages } from './progress.js';

const noise = Array.from({ length: 40 }, (_, index) => `Setting up package-${index} (1.0)`);

test('a build that failed shows the error although much was printed after it, and says what to do about it', () => {
  const error = buildFailed('bookworm from packages', ['E: Unable to locate package no-such-thing', ...noise], '/var/tmp/x');
  expect(error.code).toBe('KATAVM_BASE_BUILD_FAILED');
  expect(error.message).toContain('no-such-thing');
  expect(error.message).toContain('package-39');
  expect(error.message).not.toContain('package-3 ');
  expect(error.hint).toContain('base.packages.include');
});

test('a build that filled the disk says so', () => {
  const lines = ['dpkg: error: failed to write (No space left on device)', ...noise];
  expect(buildFailed('x', lines, '/var/tmp/x').code).toBe('KATAVM_BASE_DISK_FULL');
});

test('packages are counted as they are set up, against the total once apt has told all of it', () => {
  const seen: unknown[] = [];
  const follow = followPackages((event) => {
    if (event.type === 'progress') seen.push([event.done, event.total]);
  });
  const first = ['0 upgraded, 2 newly installed, 0 to remove and 0 not upgraded.', 'Setting up base-files (12) ...'];
  const second = ['0 upgraded, 3 newly installed, 0 to remove and 0 not upgraded.', 'Setting up jq (1.6) ...'];
  for (const line of [...first, ...second]) follow(line);
  expect(seen).toEqual([
    [1, undefined],
    [2, 5],
  ]);
});
