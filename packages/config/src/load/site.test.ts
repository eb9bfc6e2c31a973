import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyEnvironment, folderWith, load, smallest } from '../testing/folders.js';
import { loadConfig } from './load-config.js';
import { loadSite } from './load-site.js';

test('the site file goes over every config, and its part for one config over that', async () => {
  const config = await load({
    config: { ...smallest, vm: { vcpus: 2, memory: '2GiB' } },
    site: {
      vm: { memory: '4GiB', network: { network: 'default' } },
      configs: { test: { vm: { vcpus: 8 } }, other: { vm: { vcpus: 1, memory: '1GiB' } } },
    },
  });
  expect(config.vm).toMatchObject({ vcpus: 8, memory: 4096, network: { kind: 'network', name: 'default' } });
});

test('lists replace, mappings merge, and null takes a value back', async () => {
  const config = await load({
    config: { ...smallest, proxy: { http: 'http://proxy.example.org:3128' }, complete: { checks: ['a', 'b'], commands: ['c'] } },
    site: { proxy: null, complete: { checks: ['z'] } },
  });
  expect(config.proxy).toBeUndefined();
  expect(config.complete.checks.map(({ run }) => run)).toEqual(['z']);
  expect(config.complete.commands.map(({ run }) => run)).toEqual(['c']);
});

test('another kind of base replaces the whole base; more of the same kind is merged into it', async () => {
  const own = { version: 1, base: { url: 'http://example.org/a.qcow2', checksums: 'http://example.org/SUMS' } };
  const replaced = await load({ config: own, site: { configs: { test: { base: { path: 'disk.qcow2' } } } } });
  expect(replaced.base).toEqual({ path: join(replaced.folder, 'disk.qcow2') });

  const merged = await load({ config: smallest, site: { base: { packages: { mirror: 'http://mirror.example.org/debian' } } } });
  expect(merged.base).toMatchObject({ packages: { suite: 'bookworm', mirror: 'http://mirror.example.org/debian' } });
});

test('another kind of network replaces the network', async () => {
  const config = await load({
    config: { ...smallest, vm: { network: { bridge: 'br0' } } },
    site: { vm: { network: { network: 'lab' } } },
  });
  expect(config.vm.network).toEqual({ kind: 'network', name: 'lab' });
});

test('paths and modules in the site file are relative to the site file', async () => {
  const config = await load({
    config: { ...smallest, complete: { files: [{ content: 'shipped', target: '/etc/a' }] } },
    site: {
      complete: { files: [{ source: 'configs/baseline.toml', target: '/etc/a' }] },
      modules: { cloudinit: './modules/cloudinit.js', images: '@acme/images' },
      cloudConfig: { packages: ['ca-certificates'] },
    },
    files: { '../baseline.toml': 'x' },
  });
  expect(config.complete.files[0]?.source).toBe(join(config.folder, 'configs/baseline.toml'));
  expect(config.site).toEqual({
    file: join(config.folder, 'site.yaml'),
    modules: { cloudinit: join(config.folder, 'modules/cloudinit.js'), images: '@acme/images' },
    cloudConfig: { packages: ['ca-certificates'] },
  });
});

test.each([
  ['that only a config has', { extends: '../other' }, /site\.yaml:2: unknown key "extends"/],
  ['at the top', { modle: {} }, /site\.yaml:2: unknown key "modle"; did you mean "modules"\?/],
  [
    'among the modules',
    { modules: { cloudInit: 'x' } },
    /site\.yaml:3: unknown key "modules\.cloudInit"; did you mean "cloudinit"\?/,
  ],
  [
    'in a part for a config that is not loaded',
    { configs: { other: { vm: { cpus: 1 } } } },
    /site\.yaml:5: .*"configs\.other\.vm\.cpus"/,
  ],
])('an unknown key of the site file %s is named with its line', async (_, site, message) => {
  await expect(load({ config: smallest, site })).rejects.toMatchObject({
    code: 'KATAVM_CONFIG_UNKNOWN_KEY',
    message: expect.stringMatching(message),
  });
});

test('a value of the site file that does not fit is named by the line of the site file', async () => {
  const config = { version: 1, base: { url: 'http://example.org/a', checksums: 'http://example.org/s' } };
  const site = { configs: { test: { base: { sha256: 'a'.repeat(64) } } } };
  await expect(load({ config, site })).rejects.toMatchObject({
    code: 'KATAVM_CONFIG_INVALID',
    message: expect.stringContaining('exactly one'),
  });
  await expect(load({ config, site: { vm: { memory: 'lots' } } })).rejects.toThrow(
    /site\.yaml:3: vm\.memory .*"lots" is not a size/,
  );
});

test('a site file that KATAVM_SITE names and is not there is an error; an empty KATAVM_SITE means none', async () => {
  const folder = await folderWith({ 'configs/test/katavm.yaml': smallest });
  const loading = (site: string) =>
    loadConfig({ nameOrPath: 'test', cwd: folder, env: { ...emptyEnvironment, KATAVM_SITE: site } });
  await expect(loading('absent.yaml')).rejects.toMatchObject({ code: 'KATAVM_SITE_NOT_FOUND', exitCode: 2 });
  expect((await loading('')).site.file).toBeUndefined();
});

test('the site file can be read without a config', async () => {
  const folder = await folderWith({ 'site.yaml': { modules: { keys: './keys.js' } } });
  const site = await loadSite({ cwd: folder, env: { ...emptyEnvironment, KATAVM_SITE: 'site.yaml' } });
  expect(site).toEqual({ file: join(folder, 'site.yaml'), modules: { keys: join(folder, 'keys.js') } });
});

test('a site file of a later version is not guessed at', async () => {
  await expect(load({ config: smallest, site: { version: 3 } })).rejects.toMatchObject({ code: 'KATAVM_CONFIG_VERSION' });
});
