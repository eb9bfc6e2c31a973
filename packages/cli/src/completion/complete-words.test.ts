import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { completeWords } from './complete-words.js';

/** What a shell is offered after these words; `undefined` where yargs answers with commands and options. */
async function offered(...words: string[]): Promise<string[] | undefined> {
  let offer: string[] | undefined;
  await completeWords(
    '',
    { _: ['katavm', ...words] },
    () => {},
    (found) => {
      offer = found;
    },
  );
  return offer;
}

async function newHost(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-completion-'));
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });
  await mkdir(join(folder, 'home/clones/debian12-clone'), { recursive: true });
  await mkdir(join(folder, 'configs/of-this-test'), { recursive: true });
  await writeFile(join(folder, 'configs/of-this-test/katavm.yaml'), 'version: 1');
  vi.stubEnv('KATAVM_HOME', join(folder, 'home'));
  vi.stubEnv('KATAVM_CONFIGS', join(folder, 'configs'));
}

test('a shell is offered the configs that there are where a command takes one', async () => {
  await newHost();
  for (const words of [['run'], ['master', 'build'], ['config', 'show'], ['clone', 'create'], ['delete-clone']])
    expect(await offered(...words)).toContain('of-this-test');
});

test('a shell is offered the clones that there are where a command takes one', async () => {
  await newHost();
  for (const words of [
    ['clone', 'login'],
    ['clone', 'delete'],
  ])
    expect(await offered(...words)).toEqual(['debian12-clone']);
});

test('a shell is offered commands everywhere else', async () => {
  await newHost();
  for (const words of [[], ['clone'], ['master', 'list'], ['gc']]) expect(await offered(...words)).toBeUndefined();
});
