import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { katavm, testHome } from '../harness/katavm.js';
import { runningGuests, traces } from '../harness/traces.js';
import { config, openPool, reached } from '../pool/pool-server.js';
import { startHook } from './hook.js';

const lasting = 'echo up >&2; exec sleep 600';

/** The clones that the launches which run now have. */
async function launchedClones(): Promise<string[]> {
  const folder = join(testHome(), 'launches');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map((text) => (JSON.parse(text) as { clone: string }).clone);
}

test('a launch gets a clone that waited, which is known by its name, taken over from, and gone with it', async () => {
  const pool = await openPool({});
  const env = { ...pool.env, NODE_NAME: 'pooled' };
  await pool.fill();
  const [first] = await pool.waiting();
  const older = startHook([config, lasting], env);
  await older.told(`the agent runs in ${first}`);
  await older.told(/^up$/m);
  expect(await launchedClones()).toEqual([first]);
  await pool.fill();
  const [second] = await pool.waiting();
  const newer = startHook([config, lasting], env);
  expect((await older.ended).exitCode, older.log()).toBe(0);
  await newer.told(`the agent runs in ${second}`);
  expect(await launchedClones()).toEqual([second]);
  await pool.fill();
  process.kill(-newer.pid, 'SIGKILL');
  await newer.ended;
  await reached('the end of its guest', async () => (await runningGuests()).length === 1);
  expect((await katavm(['gc'])).exitCode).toBe(0);
  pool.server.kill('SIGTERM');
  await pool.server.ended;
  expect(await traces(config)).toEqual([]);
});
