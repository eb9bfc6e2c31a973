import { parseDuration } from '@katavm/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { load, smallest } from '../testing/folders.js';
import { explain } from './explain.js';
import { maskCredentials } from './mask.js';
import { shortDuration } from './short-duration.js';

test('every value says the file and line it was written on, or default', async () => {
  const config = await load({
    config: 'version: 1\nbase:\n  packages: {suite: bookworm}\nvm:\n  memory: 3GiB\ncomplete:\n  checks:\n    - java -version\n',
    site: 'vm:\n  vcpus: 8\nconfigs:\n  test:\n    keys: {name: lab}\ncloudConfig:\n  ca_certs: {remove_defaults: true}\n',
  });
  const rows = new Map(
    explain(config).map(({ path, value, origin }) => [path, [value, origin.replace(`${config.folder}/`, '')]]),
  );

  expect(rows.get('base.packages.suite')).toEqual(['bookworm', 'configs/test/katavm.yaml:3']);
  expect(rows.get('vm.memory')).toEqual(['3GiB', 'configs/test/katavm.yaml:5']);
  expect(rows.get('vm.vcpus')).toEqual([8, 'site.yaml:2']);
  expect(rows.get('vm.disk')).toEqual(['10GiB', 'default']);
  expect(rows.get('keys.name')).toEqual(['lab', 'site.yaml:5']);
  expect(rows.get('guest.hostname')).toEqual(['test-master', 'default']);
  expect(rows.get('complete.checks.0.run')).toEqual(['java -version', 'configs/test/katavm.yaml:8']);
  expect(rows.get('complete.checks.0.timeout')).toEqual(['10m', 'default']);
  expect(rows.get('cloudConfig.ca_certs.remove_defaults')).toEqual([true, 'site.yaml:7']);
});

test('a libvirt connection that the environment gives says so', async () => {
  const config = await load({ config: smallest, env: { LIBVIRT_DEFAULT_URI: 'qemu:///session' } });
  expect(explain(config)).toContainEqual({ path: 'vm.uri', value: 'qemu:///session', origin: '$LIBVIRT_DEFAULT_URI' });
});

test("a proxy's password is never shown", async () => {
  const config = await load({ config: { ...smallest, proxy: { http: 'http://joe:s3cret@proxy.example.org:3128' } } });
  expect(JSON.stringify(explain(config))).not.toMatch(/s3cret|joe/);
  expect(explain(config)).toContainEqual(
    expect.objectContaining({ path: 'proxy.http', value: 'http://***@proxy.example.org:3128' }),
  );
});

test('whatever a user name and password hold, none of it is left of them in a URL', () => {
  const part = fc.stringMatching(/^[A-Za-z0-9!$&()*+,;=:@%._~-]{4,20}$/).map((text) => `zq${text}`);
  fc.assert(
    fc.property(part, part, (user, password) => {
      const masked = maskCredentials(`use http://${user}:${password}@proxy.example.org:3128/x and user@host`);
      expect(masked).toBe('use http://***@proxy.example.org:3128/x and user@host');
    }),
  );
});

test('a duration is shown as what would be read back as the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 9 }), (milliseconds) => {
      expect(parseDuration(shortDuration(milliseconds))).toBe(milliseconds);
    }),
  );
  expect(shortDuration(1_800_000)).toBe('30m');
});
