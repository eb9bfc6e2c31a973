// What systemd hears of a service, by a systemd-notify of the test's own.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@katavm/core';
import { expect, onTestFinished, test } from 'vitest';
import { ServiceManager } from '../src/runtime/service-manager.js';

/** @returns what was told so far, a line for each message. */
async function listen(): Promise<() => Promise<string[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-notify-'));
  const heard = join(folder, 'heard');
  await writeFile(heard, '');
  await writeFile(join(folder, 'systemd-notify'), `#!/bin/sh\necho "$*" >>${heard}\n`);
  await chmod(join(folder, 'systemd-notify'), 0o755);
  const path = process.env['PATH'];
  process.env['PATH'] = `${folder}:${path}`;
  onTestFinished(async () => {
    process.env['PATH'] = path;
    await rm(folder, { recursive: true, force: true });
  });
  return async () => (await readFile(heard, 'utf8')).split('\n').slice(0, -1);
}

const socket = { NOTIFY_SOCKET: '/run/systemd/notify' };

test('systemd is told that a service serves, and that it stops', async () => {
  const heard = await listen();
  const manager = new ServiceManager(socket);
  await manager.ready('keeps clones ready');
  await manager.stopping();
  expect(await heard()).toEqual(['READY=1 STATUS=keeps clones ready', 'STOPPING=1']);
});

test('its watchdog hears that a service lives for as long as it serves', async () => {
  const heard = await listen();
  const manager = new ServiceManager({ ...socket, WATCHDOG_USEC: '40000', WATCHDOG_PID: String(process.pid) });
  await manager.ready('');
  await waitFor({
    name: 'two words to the watchdog',
    probe: async () => (await heard()).filter((line) => line === 'WATCHDOG=1').length >= 2 || undefined,
    timeoutMilliseconds: 20_000,
    hint: 'the watchdog would have ended the service',
  });
  await manager.stopping();
});

test('a watchdog that means another process is none of its business, and without systemd nothing is started', async () => {
  const heard = await listen();
  const manager = new ServiceManager({ ...socket, WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' });
  await manager.ready('');
  await manager.stopping();
  await new ServiceManager({}).ready('');
  expect(await heard()).toEqual(['READY=1 STATUS=', 'STOPPING=1']);
});
