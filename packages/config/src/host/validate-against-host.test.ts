import { parseSize } from '@katavm/core';
import { expect, test } from 'vitest';
import { load, smallest } from '../testing/folders.js';
import { validateAgainstHost } from './validate-against-host.js';

test('a VM as large as the host is allowed', async () => {
  const config = await load({ config: { ...smallest, vm: { vcpus: 4, memory: '8GiB' } } });
  expect(() => validateAgainstHost(config, { vcpus: 4, memory: parseSize('8GiB') })).not.toThrow();
});

test('a VM larger than the host is refused with both numbers and the line', async () => {
  const config = await load({ config: 'version: 1\nbase: {packages: {suite: bookworm}}\nvm:\n  vcpus: 64\n  memory: 16GiB\n' });
  expect(() => validateAgainstHost(config, { vcpus: 2, memory: parseSize('64GiB') })).toThrow(
    expect.objectContaining({
      code: 'KATAVM_CONFIG_VCPUS_EXCEED_HOST',
      exitCode: 2,
      message: expect.stringMatching(/64 vCPUs \(.*katavm\.yaml:4\); this host has 2/),
    }),
  );
  expect(() => validateAgainstHost(config, { vcpus: 64, memory: parseSize('7940MiB') })).toThrow(
    expect.objectContaining({
      code: 'KATAVM_CONFIG_MEMORY_EXCEED_HOST',
      exitCode: 2,
      message: expect.stringMatching(/16GiB of memory \(.*katavm\.yaml:5\); this host has 7940MiB/),
    }),
  );
});
