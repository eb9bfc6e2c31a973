import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { load, smallest } from '../testing/folders.js';
import { canonicalJson } from './canonical-json.js';
import { inputDigest } from './input-digest.js';

const full = {
  ...smallest,
  cloudInit: { userData: 'user-data' },
  complete: { files: [{ source: 'a.toml', target: '/etc/a-{{hostname}}' }], checks: ['java -version'] },
  proxy: { http: 'http://joe:one@proxy.example.org:3128' },
};
const files = { 'user-data': '#cloud-config\n{}\n', 'a.toml': 'a = 1\n' };
const digestOf = async (config: object, site?: object) => inputDigest(await load({ config, files, ...(site && { site }) }));

test('the digest is the same for the same contents in another folder', async () => {
  expect(await digestOf(full)).toBe(await digestOf(full));
});

test.each<[string, object]>([
  ['vCPUs and memory', { vm: { vcpus: 1, memory: '1GiB' } }],
  ['the network and the connection', { vm: { network: { bridge: 'br0' }, uri: 'qemu:///session' } }],
  ['the agent', { agent: { java: 'java21' } }],
  ['the keys', { keys: { name: 'lab' } }],
  ['how long things may take', { cloudInit: { timeout: '2h' }, complete: { checks: [{ run: 'java -version', timeout: '1m' }] } }],
  ["the proxy's password", { proxy: { http: 'http://joe:two@proxy.example.org:3128' } }],
])('%s make no other master', async (_, change) => {
  expect(await digestOf(full, change)).toBe(await digestOf(full));
});

test.each<[string, object]>([
  ['the base', { base: { packages: { include: ['jq'] } } }],
  ['the size of the disk', { vm: { disk: '20GiB' } }],
  ['the user', { guest: { user: 'ci' } }],
  ['the hostname', { guest: { hostname: 'other' } }],
  ['a command', { complete: { commands: ['true'] } }],
  ['a check', { complete: { checks: ['go version'] } }],
  ['the proxy', { proxy: { http: 'http://other.example.org:3128' } }],
  ["the site's cloud-config", { cloudConfig: { packages: ['jq'] } }],
  ["the site's own cloud-init package", { modules: { cloudinit: '@acme/cloudinit' } }],
])('%s makes another master', async (_, change) => {
  expect(await digestOf(full, change)).not.toBe(await digestOf(full));
});

test.each(['user-data', 'a.toml'])('another content of %s makes another master', async (name) => {
  const config = await load({ config: full, files });
  const before = await inputDigest(config);
  await writeFile(join(config.directory, name), '#cloud-config\npackages: []\n');
  expect(await inputDigest(config)).not.toBe(before);
});

test('a disk by path counts by its digest where that is given, else by the file itself', async () => {
  const named = { version: 1, base: { path: 'disk.raw', sha256: 'a'.repeat(64) } };
  expect(await digestOf(named)).toBe(await digestOf({ version: 1, base: { path: 'other.raw', sha256: 'A'.repeat(64) } }));

  const config = await load({ config: { version: 1, base: { path: 'disk.raw' } }, files: { 'disk.raw': 'one' } });
  const before = await inputDigest(config);
  await writeFile(join(config.directory, 'disk.raw'), 'another');
  expect(await inputDigest(config)).not.toBe(before);
});

test('canonical JSON is JSON, and does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (mapping) => {
      const reversed = Object.fromEntries(Object.entries(mapping).reverse());
      expect(canonicalJson(reversed)).toBe(canonicalJson(mapping));
      expect(JSON.parse(canonicalJson(mapping))).toEqual(JSON.parse(JSON.stringify(mapping)));
    }),
  );
});
