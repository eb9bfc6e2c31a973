import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { KatavmError } from '@katavm/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LaunchLog } from './launch-log.js';

let parent: string;
let folder: string;
let stderr: PassThrough;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'katavm-log-'));
  folder = join(parent, 'logs');
  stderr = new PassThrough();
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const shown = () => String(stderr.read(stderr.readableLength) ?? '');

test("the node's log shows dated steps with their time, the file tells everything, for its owner alone", async () => {
  const log = new LaunchLog({ folder, name: 'vm 1', stderr });
  log.emit({ type: 'step', state: 'started', step: 'boot', subject: 'c-1' });
  log.emit({ type: 'output', source: 'console', line: 'a kernel' });
  log.emit({ type: 'step', state: 'done', step: 'boot', subject: 'c-1', milliseconds: 41_200 });
  log.close();
  const lines = shown().trim().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ katavm: boot c-1 …$/),
    expect.stringMatching(/boot c-1: done \(41\.2 s\)$/),
  ]);
  expect(await readFile(log.path, 'utf8')).toContain('katavm: console: a kernel');
  expect((await stat(log.path)).mode & 0o777).toBe(0o600);
  expect(log.path).toMatch(/\/vm_1-[0-9a-f]{12}-\d{8}T\d{9}Z-\d+\.log$/);
});

test('a failure says what, why, what next and where the whole story is', () => {
  const log = new LaunchLog({ folder, name: 'n', stderr });
  log.tellError(new KatavmError({ code: 'KATAVM_X', message: 'it failed', hint: 'mend it', cause: new Error('why') }));
  log.close();
  const text = shown();
  for (const part of ['error[KATAVM_X]: it failed', 'cause: why', 'hint: mend it', `log: ${log.path}`])
    expect(text).toContain(part);
});

test("a folder that cannot be made costs the log and not the launch, and the agent's stderr passes all the same", async () => {
  await writeFile(folder, 'a file in its place');
  const log = new LaunchLog({ folder, name: 'n', stderr });
  expect(shown()).toContain('there is no log of this launch');
  log.tell('goes on');
  const errors = log.agentErrors();
  await new Promise((resolve) => errors.write(Buffer.from([0, 255]), resolve));
  expect(shown()).toContain('goes on');
  await log.removeOld();
  log.close();
});

test("the last twenty launches of a node keep their logs and consoles, and other nodes' stay", async () => {
  const log = new LaunchLog({ folder, name: 'vm1', stderr });
  const name = (index: number) => `vm1-20200101T0000000${String(index).padStart(2, '0')}Z-${index + 1}`;
  for (let index = 0; index < 25; index++) await writeFile(join(folder, `${name(index)}.log`), '');
  await writeFile(join(folder, `${name(3)}.console.log`), '');
  await writeFile(join(folder, `${name(24)}.console.log`), '');
  await writeFile(join(folder, 'vm1-b-20200101T000000000Z-1.log'), '');
  await log.removeOld();
  log.close();
  const left = await readdir(folder);
  expect(left.filter((file) => file.endsWith('.log') && !file.endsWith('.console.log') && file.startsWith('vm1-2'))).toHaveLength(
    20,
  );
  expect(left).not.toContain(`${name(3)}.console.log`);
  expect(left).toEqual(expect.arrayContaining([`${name(24)}.console.log`, 'vm1-b-20200101T000000000Z-1.log']));
});

test('nodes of names that no file could bear have logs, and each keeps its own', async () => {
  const names = ['測量機'.repeat(60), '測量機', '測試機', 'a/b', 'x'.repeat(255)];
  const paths = names.map((name) => {
    const log = new LaunchLog({ folder, name, stderr });
    log.close();
    return log.path.slice(folder.length).replace(/-\d{8}T\d{9}Z-\d+\.log$/, '');
  });
  expect(shown()).toBe('');
  expect(await readdir(folder)).toHaveLength(names.length);
  expect(new Set(paths).size).toBe(names.length);
});
