import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jarNeed } from './read-jar.js';

const jars = join(import.meta.dirname, '../../../../e2e/agent-jar');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-jar-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function laid(content: Buffer | string): Promise<string> {
  const path = join(folder, 'agent.jar');
  await writeFile(path, content);
  return path;
}

test.each([
  ['echo.jar', 11],
  ['echo21.jar', 21],
])('the main class of %s says that it needs Java %i', async (name, major) => {
  expect(await jarNeed(join(jars, name))).toMatchObject({ major });
});

test('a zip that names no main class needs nothing that could be known', async () => {
  const empty = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);
  expect(await jarNeed(await laid(empty))).toBeUndefined();
});

test('a page, nothing, and a jar whose end is missing are no jars, and are shown by how they begin', async () => {
  const whole = await readFile(join(jars, 'echo.jar'));
  const broken: [string | Buffer, string][] = [
    ['<!DOCTYPE html><html>log in</html>', '<!DOCTYPE html>'],
    ['', '""'],
    [whole.subarray(0, 900), 'PK'],
  ];
  for (const [content, shown] of broken) {
    const error = { code: 'KATAVM_AGENT_JAR_INVALID', exitCode: 2, message: expect.stringContaining(shown) };
    await expect(jarNeed(await laid(content)), shown).rejects.toMatchObject(error);
  }
});

test('one that is not there, or is a folder, is told by whoever puts it into the guest', async () => {
  expect(await jarNeed(join(folder, 'absent.jar'))).toBeUndefined();
  expect(await jarNeed(folder)).toBeUndefined();
});
