import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runFakeWakeAgent, type WakeReply } from '../testing/fake-wake-agent.js';
import { settleGuest, wakeGuest } from './wake-guest.js';

type Message = Readonly<Record<string, string>>;

/** A guest whose agent answers as it is told to, and what it was told. */
async function newGuest(answer: WakeReply) {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-wake-'));
  const socketPath = join(folder, 'wake');
  const messages: Message[] = [];
  const end = await runFakeWakeAgent({ wakeSocket: socketPath }, (message, ...means) => {
    messages.push(message);
    return answer(message, ...means);
  });
  onTestFinished(async () => {
    end();
    await rm(folder, { recursive: true, force: true });
  });
  const input = { name: 'c1', socketPath, signal: new AbortController().signal, emit: () => {} };
  return { input, messages };
}

const done = ({ id }: Message, late = 0) => `done ${id} ${(Date.now() - late) / 1000}`;

describe('waking a guest', () => {
  test('sets the clock of one that was paused, and nothing else', async () => {
    const { input, messages } = await newGuest((message) => done(message));
    await wakeGuest(input);
    expect(messages).toHaveLength(1);
    expect(Object.keys(messages[0] ?? {})).toEqual(['id', 'time']);
    expect(Math.abs(Number(messages[0]?.['time']) * 1000 - Date.now())).toBeLessThan(60_000);
  });

  test('gives one that was restored everything that its image shares, other bytes each time', async () => {
    const { input, messages } = await newGuest((message) => done(message));
    const mend = { machineId: 'a'.repeat(32), macAddress: '52:54:00:01:02:03' };
    await wakeGuest({ ...input, mend });
    await wakeGuest({ ...input, mend });
    expect(messages[0]).toMatchObject({ 'machine-id': mend.machineId, mac: mend.macAddress });
    expect(Object.keys(messages[0] ?? {})).toEqual(expect.arrayContaining(['entropy', 'boot-id', 'identity', 'sshd']));
    expect(Buffer.from(messages[0]?.['entropy'] ?? '', 'base64')).toHaveLength(32);
    for (const key of ['entropy', 'boot-id']) expect(messages[0]?.[key]).not.toBe(messages[1]?.[key]);
  });

  test('tells the time again to a guest that read it late', async () => {
    let count = 0;
    const { input, messages } = await newGuest((message) => done(message, count++ === 0 ? 3000 : 0));
    await wakeGuest({ ...input, mend: { machineId: 'a'.repeat(32), macAddress: undefined } });
    expect(messages.map((message) => 'entropy' in message)).toEqual([true, false]);
    expect(messages[1]).toHaveProperty('time');
  });

  test('tells when the guest may be connected to, which an older wake agent does not say', async () => {
    const told: string[] = [];
    const { input } = await newGuest((message) => {
      told.push('asked');
      return `reachable ${message['id']}\n${done(message)}`;
    });
    await wakeGuest({ ...input, onReachable: () => told.push('reachable') });
    expect(told).toEqual(['asked', 'reachable']);
    const older = await newGuest((message) => done(message));
    await wakeGuest({ ...older.input, onReachable: () => told.push('never') });
    expect(told).not.toContain('never');
  });

  test('fails in the guest’s own words', async () => {
    const { input } = await newGuest(({ id }) => `failed ${id} waited 20 s for sshd`);
    await expect(wakeGuest(input)).rejects.toMatchObject({
      code: 'KATAVM_WAKE_FAILED',
      message: expect.stringContaining('waited 20 s for sshd'),
    });
  });

  test('passes over an answer that was meant for another', async () => {
    const { input } = await newGuest((message) => `failed somebody-else x\n${done(message)}`);
    await settleGuest({ ...input, link: 'down' });
  });

  test('ends when the guest is gone, when the time is over, and when it is told to', async () => {
    const gone = await newGuest((_, hangUp) => {
      hangUp();
      return '';
    });
    await expect(wakeGuest(gone.input)).rejects.toMatchObject({ code: 'KATAVM_WAKE_FAILED' });
    await expect(wakeGuest({ ...gone.input, socketPath: '/nowhere/wake' })).rejects.toMatchObject({ code: 'KATAVM_WAKE_FAILED' });
    const silent = await newGuest(() => '');
    await expect(wakeGuest({ ...silent.input, timeoutMilliseconds: 20 })).rejects.toMatchObject({
      code: 'KATAVM_WAIT_TIMED_OUT',
    });
    const stop = new AbortController();
    const told = await newGuest(() => {
      stop.abort(new Error('enough'));
      return '';
    });
    await expect(wakeGuest({ ...told.input, signal: stop.signal })).rejects.toThrow('enough');
  });
});
