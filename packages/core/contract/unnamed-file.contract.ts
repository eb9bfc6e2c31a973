import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { exec, withUnnamedFile } from '../src/index.js';

async function privateTmpdir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-contract-'));
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });
  return folder;
}

test('an unnamed file is read by other programs, as often as they like, and stands in no directory', async () => {
  const folder = await privateTmpdir();
  const read = await withUnnamedFile('a text\n', async (path) => {
    expect(await readdir(folder)).toEqual([]);
    return exec('cat', [path, path]);
  });
  expect(read.stdout).toBe('a text\na text');
});

test('an unnamed file is gone when its use ends, well or not', async () => {
  await privateTmpdir();
  let used = '';
  const failing = withUnnamedFile('a secret', async (path) => {
    used = path;
    throw new Error('refused');
  });
  await expect(failing).rejects.toThrow('refused');
  // Its number may be another file's by now.
  expect(await readFile(used, 'utf8').catch(String)).not.toBe('a secret');
});
