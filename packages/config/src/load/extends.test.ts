import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inputDigest } from '../digest/input-digest.js';
import { explain } from '../explain/explain.js';
import { emptyEnvironment, folderWith, smallest } from '../testing/folders.js';
import { loadConfig } from './load-config.js';

type Files = Readonly<Record<string, string | object>>;

/** Loads the config `test` of a folder with these files; its katavm.yaml is `test/katavm.yaml`. */
async function loadFrom(files: Files) {
  const folder = await folderWith(files);
  const again = () => loadConfig({ nameOrPath: './test', cwd: folder, env: emptyEnvironment });
  return { folder, config: await again(), again };
}

const rejection = (files: Files) => expect(loadFrom(files)).rejects;
const shared = 'version: 1\ncomplete:\n  files: [{source: base.toml, target: /a}]\n  checks: [java -version]\n';
const files = {
  'test/katavm.yaml': 'version: 1\nextends: ../shared/metrics.yaml\nbase: {packages: {suite: trixie}}\nvm:\n  memory: 3GiB\n',
  'shared/metrics.yaml': `${shared}vm: {memory: 1GiB, vcpus: 7}\n`,
  'shared/base.toml': 'a = 1\n',
};

test('a config goes over what it extends: mappings merge, a scalar or a list replaces, null takes a value back', async () => {
  const { config } = await loadFrom({
    'test/katavm.yaml': {
      version: 1,
      extends: '../other',
      vm: { memory: '3GiB', osVariant: null },
      complete: { checks: ['z'] },
      base: { packages: { suite: 'trixie' } },
    },
    'other/katavm.yaml': {
      ...smallest,
      base: { packages: { suite: 'bookworm', include: ['jq'] } },
      vm: { memory: '1GiB', vcpus: 7, osVariant: 'debian12' },
      complete: { checks: ['a', 'b'], commands: ['c'] },
    },
  });
  expect(config).toMatchObject({ name: 'test', base: { packages: { suite: 'trixie', include: ['jq'] } } });
  expect(config.vm).toMatchObject({ memory: 3072, vcpus: 7 });
  expect(config.vm.osVariant).toBeUndefined();
  expect(config.complete.checks.map(({ run }) => run)).toEqual(['z']);
  expect(config.complete.commands.map(({ run }) => run)).toEqual(['c']);
});

test('another kind of base replaces the whole base of what is extended', async () => {
  const { config, folder } = await loadFrom({
    'test/katavm.yaml': { version: 1, extends: '../other/', base: { path: 'disk.raw' } },
    'other/katavm.yaml': smallest,
  });
  expect(config.base).toEqual({ path: join(folder, 'test/disk.raw') });
});

test('every value names the file that gave it, and a file name is relative to the file that wrote it', async () => {
  const { config, folder } = await loadFrom(files);
  const rows = new Map(explain(config).map(({ path, value, origin }) => [path, [value, origin.replace(`${folder}/`, '')]]));
  expect(rows.get('base.packages.suite')).toEqual(['trixie', 'test/katavm.yaml:3']);
  expect(rows.get('vm.memory')).toEqual(['3GiB', 'test/katavm.yaml:5']);
  expect(rows.get('vm.vcpus')).toEqual([7, 'shared/metrics.yaml:5']);
  expect(rows.get('complete.files.0.source')).toEqual([join(folder, 'shared/base.toml'), 'shared/metrics.yaml:3']);
  expect(rows.get('complete.checks.0.run')).toEqual(['java -version', 'shared/metrics.yaml:4']);
});

test('what is extended can extend another file, and each goes over the one below it', async () => {
  const { config } = await loadFrom({
    'test/katavm.yaml': 'version: 1\nextends: ../b\nvm: {vcpus: 3}\n',
    'b/katavm.yaml': 'version: 1\nextends: deep/c.yaml\nvm: {vcpus: 2, memory: 2GiB}\n',
    'b/deep/c.yaml': 'version: 1\nbase: {packages: {suite: bookworm}}\nvm: {vcpus: 1, memory: 1GiB, disk: 11GiB}\n',
  });
  expect(config.vm).toMatchObject({ vcpus: 3, memory: 2048, disk: 11 * 1024 });
});

test("a config's user-data goes over what it extends, also where a file of that name is all that says so", async () => {
  const userData = '#cloud-config\n{}\n';
  const both = { ...smallest, cloudInit: { userData: 'data' } };
  const below = { 'b/katavm.yaml': both, 'b/data': userData, 'test/katavm.yaml': 'version: 1\nextends: ../b\n' };
  const inherited = await loadFrom(below);
  expect(inherited.config.cloudInit.userDataFile).toBe(join(inherited.folder, 'b/data'));

  const beside = await loadFrom({ ...below, 'test/user-data': userData });
  expect(beside.config.cloudInit.userDataFile).toBe(join(beside.folder, 'test/user-data'));

  const unnamed = await loadFrom({ ...below, 'b/katavm.yaml': smallest, 'b/user-data': userData });
  expect(unnamed.config.cloudInit.userDataFile).toBe(join(unnamed.folder, 'b/user-data'));
});

test('a change in what is extended, or in a file that it names, makes another master; where it stands does not', async () => {
  const { folder, config, again } = await loadFrom(files);
  const before = await inputDigest(config);
  const written = { ...files, 'test/katavm.yaml': `${shared}base: {packages: {suite: trixie}}\n`, 'test/base.toml': 'a = 1\n' };
  expect(await inputDigest((await loadFrom(written)).config)).toBe(before);

  await writeFile(join(folder, 'shared/base.toml'), 'a = 2\n');
  const other = await inputDigest(await again());
  expect(other).not.toBe(before);
  await writeFile(join(folder, 'shared/metrics.yaml'), shared.replace('java', 'go'));
  expect(await inputDigest(await again())).not.toBe(other);
});

test('a file that is not there is named with the line that names it', async () => {
  await rejection({ 'test/katavm.yaml': 'version: 1\nextends: ../gone.yaml\n' }).toMatchObject({
    code: 'KATAVM_CONFIG_FILE_MISSING',
    exitCode: 2,
    message: expect.stringMatching(/test\/katavm\.yaml:2: extends: there is no file .*\/gone\.yaml$/),
  });
  await rejection({ 'test/katavm.yaml': 'version: 1\nextends: ../empty\n', 'empty/README.md': '' }).toMatchObject({
    code: 'KATAVM_CONFIG_FILE_MISSING',
    message: expect.stringMatching(/there is no file .*\/empty\/katavm\.yaml$/),
  });
  await rejection({ 'test/katavm.yaml': 'version: 1\nextends: other\n', 'other/katavm.yaml': smallest }).toMatchObject({
    code: 'KATAVM_CONFIG_FILE_MISSING',
    hint: expect.stringContaining('write ../other'),
  });
});

test('files that extend each other are an error that shows the whole way round', async () => {
  await rejection({
    'test/katavm.yaml': 'version: 1\nextends: ../b.yaml\n',
    'b.yaml': '# shared\nversion: 1\nextends: ./test\n',
  }).toMatchObject({
    code: 'KATAVM_CONFIG_EXTENDS_CYCLE',
    exitCode: 2,
    message: expect.stringMatching(/test\/katavm\.yaml:2\n.*b\.yaml:3$/),
  });
  await rejection({ 'test/katavm.yaml': 'version: 1\nextends: .\n' }).toMatchObject({ code: 'KATAVM_CONFIG_EXTENDS_CYCLE' });
});

test.each<[fact: string, extending: string, extended: string, code: string, message: RegExp]>([
  ['a list', 'extends: [a, b]', '', 'KATAVM_CONFIG_INVALID', /test\/katavm\.yaml:2: extends .*expected string/],
  ['no path', 'extends: ""', '', 'KATAVM_CONFIG_INVALID', /test\/katavm\.yaml:2: extends .*must be the path/],
  [
    'a slip in the other file',
    'extends: ../b.yaml',
    'version: 1\nvm: {cpus: 1}',
    'KATAVM_CONFIG_UNKNOWN_KEY',
    /b\.yaml:2: .*"vm\.cpus"/,
  ],
  ['a wrong value there', 'extends: ../b.yaml', 'version: 1\nvm:\n  vcpus: 0', 'KATAVM_CONFIG_INVALID', /b\.yaml:3: vm\.vcpus/],
  ['no version there', 'extends: ../b.yaml', 'vm: {}', 'KATAVM_CONFIG_VERSION', /b\.yaml:1: it says no version/],
  ['what is no YAML there', 'extends: ../b.yaml', 'version: 1\n a: [', 'KATAVM_YAML_INVALID', /b\.yaml:\d+:\d+/],
  [
    'no base in either',
    'extends: ../b.yaml',
    'version: 1\nvm: {}',
    'KATAVM_CONFIG_INVALID',
    /test\/katavm\.yaml:1: base must be/,
  ],
])('%s is an error that names file and line', async (_, extending, extended, code, message) => {
  await rejection({ 'test/katavm.yaml': `version: 1\n${extending}\n`, 'b.yaml': `${extended}\n` }).toMatchObject({
    code,
    exitCode: 2,
    message: expect.stringMatching(message),
  });
});
