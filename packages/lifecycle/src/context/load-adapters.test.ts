import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { adapter as cloudinit } from '@katavm/cloudinit';
import { afterEach, expect, test } from 'vitest';
import { loadAdapters } from './load-adapters.js';

const folders: string[] = [];

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

async function siteWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-site-'));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** A module whose adapter has all that katavm's own has, one of them changed. */
function whole(change: Readonly<Record<string, string>> = {}): string {
  const own = Object.entries(cloudinit).map(([name, value]) => [name, Array.isArray(value) ? '[]' : '() => "theirs"']);
  const entries = Object.entries({ ...Object.fromEntries(own), ...change }).map(([name, text]) => `${name}: ${text}`);
  return `export const adapter = {${entries.join(', ')}};`;
}

const loadFrom = (folder: string, specifier: string) =>
  loadAdapters({ file: join(folder, 'site.yaml'), modules: { cloudinit: specifier } });

test('a module takes the place of the one that it is named for, and of no other', async () => {
  const folder = await siteWith({ 'cloudinit.mjs': whole() });
  const adapters = await loadFrom(folder, join(folder, 'cloudinit.mjs'));
  expect(adapters.cloudinit.stageOfConsoleLine('anything')).toBe('theirs');
  expect(adapters.keys).toEqual((await loadAdapters({ file: undefined, modules: {} })).keys);
});

test('a package is found beside the site file, also where it exports to import alone', async () => {
  const manifest = { name: '@acme/cloudinit', type: 'module', exports: { '.': { import: './main.js' } } };
  const folder = await siteWith({
    'node_modules/@acme/cloudinit/package.json': JSON.stringify(manifest),
    'node_modules/@acme/cloudinit/main.js': whole(),
  });
  expect((await loadFrom(folder, '@acme/cloudinit')).cloudinit.stageOfConsoleLine('anything')).toBe('theirs');
});

test.each([
  ['is absent', undefined, /Cannot find module .*module\.mjs/],
  ['fails as it is loaded', 'throw new Error("no CA here")', /no CA here/],
  ['exports no adapter', 'export default {}', /exports no object named "adapter"/],
  ['lacks a function', whole({ compose: 'undefined' }), /its "adapter" lacks compose/],
  ['lacks a list', whole({ proxyFiles: 'null' }), /its "adapter" lacks proxyFiles/],
  ['lacks several', whole({ compose: '"text"', readUserData: '{}' }), /lacks readUserData, compose/],
])('a module that %s cannot be used, and katavm says which and why', async (_, text, why) => {
  const folder = await siteWith(text === undefined ? {} : { 'module.mjs': text });
  const loading = loadFrom(folder, join(folder, 'module.mjs'));
  await expect(loading).rejects.toMatchObject({
    code: 'KATAVM_SITE_MODULE_UNUSABLE',
    exitCode: 2,
    message: expect.stringMatching(why),
  });
  await expect(loading).rejects.toThrow(join(folder, 'module.mjs'));
});
