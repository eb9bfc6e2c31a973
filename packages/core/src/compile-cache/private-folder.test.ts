import { chmod, lstat, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { privateFolder } from './private-folder.js';

const uid = process.getuid?.() ?? 0;
let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'katavm-private-'));
});
afterEach(() => rm(home, { recursive: true }));

const made = () => privateFolder(home, 'cache', uid);

test('a folder is made for its user alone, below /tmp too, and found again', async () => {
  expect(made()).toBe(join(home, 'cache'));
  expect((await lstat(join(home, 'cache'))).mode & 0o777).toBe(0o700);
  expect(made()).toBe(join(home, 'cache'));
});

test.each([
  ['the folder above it', () => chmod(home, 0o777)],
  ['its own folder', () => mkdir(join(home, 'cache')).then(() => chmod(join(home, 'cache'), 0o770))],
])('none is used where others may write to %s', async (_, open) => {
  await open();
  expect(made()).toBeUndefined();
});

test("none is used that is another user's, whoever made it", () => {
  made();
  expect(privateFolder(home, 'cache', uid + 1)).toBeUndefined();
});

test('a link in its place is not followed', async () => {
  await mkdir(join(home, 'elsewhere'), { mode: 0o700 });
  await symlink(join(home, 'elsewhere'), join(home, 'cache'));
  expect(made()).toBeUndefined();
});

test('nothing is made where there is no folder above it', async () => {
  expect(privateFolder(join(home, 'absent'), 'cache', uid)).toBeUndefined();
  await expect(lstat(join(home, 'absent'))).rejects.toThrow();
});
