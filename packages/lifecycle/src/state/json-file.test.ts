import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from '@katavm/core/schema';
import { expect, test } from 'vitest';
import { newWorld } from '../testing/world.js';
import { readJson, writeJson } from './json-file.js';

test('a record that is written again and again is whole whenever it is read, and leaves nothing beside it', async () => {
  const { home } = await newWorld();
  const path = join(home, 'clones', 'record.json');
  const schema = z.strictObject({ text: z.string() });
  const text = 'x'.repeat(100_000);
  await writeJson(path, { text });
  const reading = Promise.all(Array.from({ length: 20 }, () => readJson(path, schema)));
  for (let round = 0; round < 5; round++) await writeJson(path, { text });
  expect(await reading).toEqual(Array.from({ length: 20 }, () => ({ text })));
  expect(await readdir(dirname(path))).toEqual(['record.json']);
});

test('a record that is not there is undefined, not an error', async () => {
  const { home } = await newWorld();
  expect(await readJson(join(home, 'nothing.json'), z.unknown())).toBeUndefined();
});
