import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '@katavm/core';
import { expect, test } from 'vitest';
import { katavm, testHome } from '../harness/katavm.js';
import { chosen, seed } from '../harness/seed.js';
import { runningGuests, traces } from '../harness/traces.js';
import { startHook, temporaryFolder } from './hook.js';
import { processesWith } from './processes.js';

/** KATAVM_E2E_LEAK=50, before a release: as many kills (5 s each), the further ones at random times after these points. */
const kills = Number(process.env['KATAVM_E2E_LEAK'] ?? 20);

/** A launch, its end and a gc: 5 s where the host is idle, ten times as long where five others boot guests on it. */
const timeoutMilliseconds = kills * 60_000;

/**
 * What the hook tells on its way, in order: the points at which it is killed. The first is before it has told anything. Not the wait
 * for the guest: a short one is not told.
 */
const points = ['', 'clone minimal-', 'clone minimal-.*: done', 'start minimal-', 'start minimal-.*: done', 'boot minimal-']
  .concat(['boot minimal-.*: done', 'the agent runs', '^up$'])
  .map((text) => new RegExp(text, 'm'));

test(
  `killed by SIGKILL at any of ${kills} points, alone or with its group, a launch leaves nothing after one gc (seed ${seed})`,
  async () => {
    const before = await masterDigest();
    const temporary = await temporaryFolder();
    for (let count = 0; count < kills; count++) {
      const point = points[count % points.length] ?? /./;
      const mark = randomUUID();
      const hook = startHook(['minimal', 'echo up >&2; exec sleep 600'], { KATAVM_E2E_MARK: mark, TMPDIR: temporary });
      await hook.told(point);
      if (count >= points.length) await pause(chosen(`kill ${count}`, 1500));
      process.kill(count % 2 === 0 ? hook.pid : -hook.pid, 'SIGKILL');
      await hook.ended;
      await expectNothingLeft(`a kill at ${point}`, mark, temporary);
      expect(hook.output()).toHaveLength(0);
    }
    expect(await masterDigest()).toBe(before);
  },
  timeoutMilliseconds,
);

test('killed while tar writes its identity disk, a launch leaves nothing after one gc', async () => {
  const [bin, temporary] = [await temporaryFolder(), await temporaryFolder()];
  const path = process.env['PATH'] ?? '';
  const fatal = `#!/bin/sh\nPATH='${path}' tar "$@"\nkill -KILL $PPID\n`;
  await writeFile(join(bin, 'tar'), fatal, { mode: 0o755 });
  const mark = randomUUID();
  const hook = startHook(['minimal', 'true'], { KATAVM_E2E_MARK: mark, TMPDIR: temporary, PATH: `${bin}:${path}` });
  expect(await hook.ended).toMatchObject({ signal: 'SIGKILL' });
  await expectNothingLeft('a kill while tar ran', mark, temporary);
});

async function expectNothingLeft(after: string, mark: string, temporary: string): Promise<void> {
  await gone('its guest, which libvirt destroys by itself', async () => (await runningGuests()).length === 0);
  await gone('its helpers', async () => processesWith(`KATAVM_E2E_MARK=${mark}`).length === 0);
  expect((await katavm(['gc'])).exitCode).toBe(0);
  expect(await traces('minimal'), `after ${after}`).toEqual([]);
  expect(await readdir(temporary), `after ${after}`).toEqual([]);
}

function gone(name: string, probe: () => Promise<boolean>): Promise<true> {
  const everyMilliseconds = 100;
  return waitFor({
    name,
    probe: async () => (await probe()) || undefined,
    timeoutMilliseconds: 30_000,
    hint: '',
    everyMilliseconds,
  });
}

async function masterDigest(): Promise<string> {
  const disk = await readFile(join(testHome(), 'masters/minimal/current/disk.qcow2'));
  return createHash('sha256').update(disk).digest('hex');
}
