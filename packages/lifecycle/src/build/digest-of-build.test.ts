import { adapter } from '@katavm/cloudinit';
import type { VmConfig } from '@katavm/config';
import { toVmName } from '@katavm/core';
import { expect, test } from 'vitest';
import { composeSeed } from './compose-seed.js';
import { digestOfBuild } from './prepare-build.js';

const base = { disk: '/base', format: 'raw', sha256: '0'.repeat(64), origin: 'test' } as const;

function configWith(proxy?: string): VmConfig {
  return {
    name: 'test',
    base: { url: 'http://images.example.com/a.qcow2', sha256: '0'.repeat(64) },
    vm: { disk: 1024 },
    guest: { user: 'jenkins', hostname: toVmName('test') },
    cloudInit: {},
    complete: { files: [], commands: [], checks: [] },
    site: { modules: { cloudinit: '@acme/cloudinit' } },
    ...(proxy === undefined ? {} : { proxy: { http: proxy } }),
  } as unknown as VmConfig;
}

const adding = (timezone: string) => ({
  cloudinit: {
    ...adapter,
    compose: (input: Parameters<typeof adapter.compose>[0]) => adapter.compose({ ...input, site: { timezone } }),
  },
});

async function digestOf(config: VmConfig, adapters = { cloudinit: adapter }): Promise<string> {
  return digestOfBuild(config, base as never, await composeSeed(adapters, config, 'any'));
}

test("a new release of a site's cloudinit package makes another master, though no config has changed", async () => {
  const config = configWith();
  expect(await digestOf(config, adding('UTC'))).toBe(await digestOf(config, adding('UTC')));
  expect(await digestOf(config, adding('Asia/Tokyo'))).not.toBe(await digestOf(config, adding('UTC')));
});

test('another place for /tmp makes another master, and is done before anything uses it', async () => {
  const config = configWith();
  const onDisk: VmConfig = { ...config, guest: { ...config.guest, tmp: 'disk' } };
  const seed = await composeSeed({ cloudinit: adapter }, onDisk, 'any');
  expect(seed.userData).toContain('tmp.mount');
  expect((await composeSeed({ cloudinit: adapter }, config, 'any')).userData).not.toContain('tmp.mount');
  expect(await digestOf(onDisk)).not.toBe(await digestOf(config));
});

test("a proxy's new password makes no new master, another proxy does", async () => {
  const digest = await digestOf(configWith('http://me:old@proxy.example.com:3128'));
  expect(await digestOf(configWith('http://me:new@proxy.example.com:3128'))).toBe(digest);
  expect(await digestOf(configWith('http://me:old@other.example.com:3128'))).not.toBe(digest);
});
