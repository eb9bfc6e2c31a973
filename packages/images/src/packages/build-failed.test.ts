import { expect, test } from 'vitest';
import { buildFailed } from './build-failed.js';
import { followPackages } from './progress.js';

const noise = Array.from({ length: 40 }, (_, index) => `Setting up package-${index} (1.0)`);

test('a build that failed shows the error although much was printed after it, and says what to do about it', () => {
  const error = buildFailed('bookworm from packages', ['E: Unable to locate package no-such-thing', ...noise], '/var/tmp/x');
  expect(error.code).toBe('KATAVM_BASE_PACKAGE_MISSING');
  expect(error.message).toContain('the mirror has no package no-such-thing');
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

test('a release that the mirror does not have is named, with the nearest that is known', () => {
  const lines = ["E: The repository 'http://mirror.example.org/debian trixy Release' does not have a Release file.", ...noise];
  const error = buildFailed('trixy from packages', lines, '/var/tmp/x');
  expect(error.code).toBe('KATAVM_BASE_SUITE_MISSING');
  expect(error.message).toContain('http://mirror.example.org/debian has no suite "trixy"');
  expect(error.hint).toContain('did you mean "trixie"?');

  const known = buildFailed('x', [(lines[0] ?? '').replace('trixy', 'forky')], '/var/tmp/x');
  expect(known.hint).toContain('base.packages.mirror');
});

// Seen with docker-cli and containerd at Pin-Priority -1, in apt 2.6; the last with the resolver of apt 3.0.
test.each<[fact: string, lines: readonly string[], code: string, named: string]>([
  [
    'a package that is held back',
    [
      'Package docker-cli is not available, but is referred to by another package.',
      "E: Package 'docker-cli' has no installation candidate",
    ],
    'KATAVM_BASE_PACKAGE_MISSING',
    'the mirror has no package docker-cli',
  ],
  [
    'a package that another one needs',
    [
      ' docker.io : Depends: containerd (>= 1.4~) but it is not installable',
      'E: Unable to correct problems, you have held broken packages.',
    ],
    'KATAVM_BASE_PACKAGE_CONFLICT',
    'docker.io : Depends: containerd (>= 1.4~)',
  ],
  [
    'the same for a newer apt',
    [
      'E: Unable to satisfy dependencies. Reached two conflicting assignments:',
      '   1. docker.io:amd64 is selected for install',
      '   2. docker.io:amd64 Depends containerd (>= 1.4~) but none of the choices are installable: [no choices]',
    ],
    'KATAVM_BASE_PACKAGE_CONFLICT',
    'docker.io:amd64 Depends containerd',
  ],
])('%s is named', (_, lines, code, named) => {
  const error = buildFailed('trixie from packages', lines, '/var/tmp/x');
  expect(error.code).toBe(code);
  expect(error.message).toContain(named);
  expect(error.hint).toContain('base.packages.mirror');
});
