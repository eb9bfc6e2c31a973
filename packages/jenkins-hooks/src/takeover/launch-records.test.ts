import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderOf, type LaunchRecord, launchesOf, listLaunches, removeLaunch, writeLaunch } from './launch-records.js';
import { isAlive, isOlder, ownIdentity } from './process-identity.js';

let launches: string;
beforeEach(async () => {
  launches = await mkdtemp(join(tmpdir(), 'katavm-launches-'));
});
afterEach(() => rm(launches, { recursive: true, force: true }));

const record = (change: Partial<LaunchRecord> = {}): LaunchRecord => ({
  ...{ version: 1, node: 'vm1', config: 'c', clone: 'c-1', started: '2026-01-01T00:00:00Z' },
  ...ownIdentity(),
  ...change,
});

test('a launch is listed as long as its very process lives', async () => {
  const mine = record();
  await writeLaunch(launches, mine);
  // The number of a process that lives, and another start: it came again.
  await writeLaunch(launches, record({ node: 'vm2', startTicks: mine.startTicks - 1 }));
  await writeLaunch(launches, record({ node: 'vm3', bootId: 'an earlier boot' }));
  expect(await listLaunches(launches)).toEqual([mine]);
  await removeLaunch(launches, mine);
  expect(await listLaunches(launches)).toEqual([]);
  expect(await readdir(launches)).not.toContain('vm1');
});

test('a node whose name is longer than a file may be is launched, and its folder goes with its last record', async () => {
  const node = '測量機'.repeat(80);
  const mine = record({ node });
  await writeLaunch(launches, mine);
  expect(await launchesOf(launches, { node, controller: undefined })).toEqual([mine]);
  expect(await launchesOf(launches, { node: `${node}x`, controller: undefined })).toEqual([]);
  await writeLaunch(launches, record({ node: 'dead', bootId: 'an earlier boot' }));
  await listLaunches(launches);
  expect(await readdir(launches)).toHaveLength(1);
  await removeLaunch(launches, mine);
  expect(await readdir(launches)).toEqual([]);
});

test('a record that a power cut tore is removed', async () => {
  await mkdir(join(launches, 'vm1'));
  await writeFile(join(launches, 'vm1', '1-1.json'), '{"version":1,"no');
  expect(await listLaunches(launches)).toEqual([]);
  expect(await readdir(launches)).toEqual([]);
});

test('nodes of any name, and of two controllers, have folders of their own inside', () => {
  const folders = [
    folderOf(launches, 'vm1', undefined),
    folderOf(launches, 'vm1', 'http://a.example.org/'),
    folderOf(launches, 'vm1', 'http://b.example.org/'),
    folderOf(launches, '../vm1', undefined),
    folderOf(launches, '..', undefined),
    folderOf(launches, 'Ü 1', undefined),
  ];
  expect(new Set(folders).size).toBe(folders.length);
  for (const folder of folders) expect(join(folder, '..')).toBe(launches);
});

test('of two launches exactly one is the older one', () => {
  const one = { pid: 5, startTicks: 100, bootId: 'b' };
  const others = [
    { ...one, pid: 6 },
    { ...one, startTicks: 101, pid: 1 },
  ];
  for (const other of others) expect([isOlder(one, other), isOlder(other, one)]).toEqual([true, false]);
  expect(isOlder(one, one)).toBe(false);
});

test('a process that is not there is not alive', () => {
  expect(isAlive(ownIdentity())).toBe(true);
  expect(isAlive({ ...ownIdentity(), pid: 2 ** 22 + 1 })).toBe(false);
});
