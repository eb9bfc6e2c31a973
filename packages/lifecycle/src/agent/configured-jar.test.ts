import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VmConfig } from '@katavm/config';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configuredJar } from './configured-jar.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-jar-'));
  await writeFile(join(folder, 'agent.jar'), 'PK');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const config = (jar: string, origin: string) =>
  ({ name: 'c', agent: { jar: join(folder, jar) }, origins: { of: () => origin, place: () => origin } }) as unknown as VmConfig;

test('a jar that the config names must be there', async () => {
  await expect(configuredJar(config('absent.jar', '/x/katavm.yaml:4'))).rejects.toMatchObject({
    code: 'KATAVM_AGENT_JAR_MISSING',
    message: expect.stringContaining('absent.jar'),
  });
});

test('where none is named, the one in the usual place is taken, and none is no mistake: the master may have one', async () => {
  expect(await configuredJar(config('absent.jar', 'default'))).toBeUndefined();
  expect(await configuredJar(config('agent.jar', 'default'))).toEqual({ path: join(folder, 'agent.jar'), named: false });
});
