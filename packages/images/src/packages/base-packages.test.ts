import { expect, test } from 'vitest';
import { hostArchitecture } from './architecture.js';
import { packagesOf } from './base-packages.js';

test('an arm64 host gets the arm64 kernel and its serial port; another architecture is told what to use', () => {
  const arm = hostArchitecture('arm64');
  expect(packagesOf('debian', 'bookworm', arm, [])).toContain('linux-image-cloud-arm64');
  expect(arm.serialConsole).toBe('ttyAMA0');
  expect(() => hostArchitecture('riscv64')).toThrow(expect.objectContaining({ code: 'KATAVM_BASE_ARCHITECTURE' }));
});

test('the order and the repetition of packages in a config change nothing', () => {
  const amd64 = hostArchitecture('x64');
  expect(packagesOf('debian', 'bookworm', amd64, ['jq', 'bc', 'jq', 'sudo'])).toEqual(
    packagesOf('debian', 'bookworm', amd64, ['bc', 'jq']),
  );
});

test('a release whose systemd contains the resolver is not asked for a package of it', () => {
  const amd64 = hostArchitecture('x64');
  expect(packagesOf('ubuntu', 'jammy', amd64, [])).not.toContain('systemd-resolved');
  expect(packagesOf('ubuntu', 'noble', amd64, [])).toContain('systemd-resolved');
});
