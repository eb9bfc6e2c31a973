import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeOldLogs } from './old-logs.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-logs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const name = (node: string, day: number) => `${node}-202601${String(day).padStart(2, '0')}T000000000Z-1.log`;

test('of every node the newest twenty stay, those of nodes that are gone too, and what is no log is left alone', async () => {
  const days = Array.from({ length: 25 }, (_, index) => index + 1);
  for (const day of days) for (const node of ['vm1', 'gone']) await writeFile(join(folder, name(node, day)), '');
  await writeFile(join(folder, 'notes.txt'), '');
  const removed = await removeOldLogs(folder);
  expect(removed).toEqual(['gone', 'vm1'].flatMap((node) => days.slice(0, 5).map((day) => name(node, day))));
  expect(await readdir(folder)).toHaveLength(41);
});

test('what is older than a date goes, however few there are', async () => {
  for (const day of [1, 20]) await writeFile(join(folder, name('vm1', day)), '');
  expect(await removeOldLogs(folder, { before: new Date('2026-01-10T00:00:00Z') })).toEqual([name('vm1', 1)]);
});

test('a folder that is not there holds none', async () => {
  expect(await removeOldLogs(join(folder, 'none'))).toEqual([]);
});
