import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyEnvironment, folderWith, smallest } from '../testing/folders.js';
import { findConfig } from './find-config.js';
import { listConfigs } from './list-configs.js';

const shipped = {
  'shipped/debian12/katavm.yaml': smallest,
  'shipped/fedora/katavm.yaml': smallest,
  'xdg/katavm/configs/debian12/katavm.yaml': smallest,
  'here/configs/mine/katavm.yaml': smallest,
  'here/configs/notes/README.md': 'not a config',
  'here/folder/katavm.yaml': smallest,
};

async function surroundings() {
  const folder = await folderWith(shipped);
  const env = { ...emptyEnvironment, XDG_CONFIG_HOME: join(folder, 'xdg'), KATAVM_CONFIGS: `:${join(folder, 'shipped')}:` };
  return { folder, cwd: join(folder, 'here'), env };
}

test("a user's own config goes before the one of the same name that is shipped", async () => {
  const { folder, cwd, env } = await surroundings();
  expect((await findConfig('debian12', { cwd, env })).directory).toBe(join(folder, 'xdg/katavm/configs/debian12'));
  expect((await findConfig('fedora', { cwd, env })).directory).toBe(join(folder, 'shipped/fedora'));
  expect((await findConfig('mine', { cwd, env })).directory).toBe(join(cwd, 'configs/mine'));
});

test('a folder may be named by its path, with or without a slash, and by its katavm.yaml', async () => {
  const { cwd, env } = await surroundings();
  for (const written of ['folder', './folder', 'folder/', '../here/folder', join(cwd, 'folder'), 'folder/katavm.yaml']) {
    expect(await findConfig(written, { cwd, env })).toEqual({
      name: 'folder',
      directory: join(cwd, 'folder'),
      file: join(cwd, 'folder/katavm.yaml'),
    });
  }
  expect((await findConfig('.', { cwd: join(cwd, 'folder'), env })).name).toBe('folder');
});

test('a name that is not there: every place is named, and the nearest name', async () => {
  const { folder, cwd, env } = await surroundings();
  await expect(findConfig('debain12', { cwd, env })).rejects.toMatchObject({
    code: 'KATAVM_CONFIG_NOT_FOUND',
    exitCode: 4,
    message: expect.stringContaining(`${join(cwd, 'configs')}\n  ${join(folder, 'xdg/katavm/configs')}\n  /etc/katavm/configs\n`),
    hint: 'did you mean "debian12"?',
  });
  await expect(findConfig('', { cwd, env })).rejects.toMatchObject({ code: 'KATAVM_CONFIG_NOT_FOUND' });
});

test('a path without a katavm.yaml is not looked for elsewhere', async () => {
  const { cwd, env } = await surroundings();
  await expect(findConfig('./debian12', { cwd, env })).rejects.toMatchObject({
    code: 'KATAVM_CONFIG_NOT_FOUND',
    exitCode: 4,
    message: expect.stringContaining(join(cwd, 'debian12/katavm.yaml')),
  });
});

test("a folder's name that cannot be a config's name is refused before it becomes a path or a VM's name", async () => {
  const folder = await folderWith({ 'two words/katavm.yaml': smallest });
  await expect(findConfig('./two words', { cwd: folder, env: emptyEnvironment })).rejects.toMatchObject({
    code: 'KATAVM_CONFIG_NAME_INVALID',
    exitCode: 2,
  });
});

test('the list shows each config once as the one that its name means, and the others as shadowed', async () => {
  const { cwd, env } = await surroundings();
  const listed = await listConfigs({ cwd, env });
  expect(listed.map(({ name, shadowed }) => [name, shadowed])).toEqual([
    ['debian12', false],
    ['debian12', true],
    ['fedora', false],
    ['mine', false],
  ]);
});
