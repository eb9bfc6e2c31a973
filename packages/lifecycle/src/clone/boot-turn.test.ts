import { setImmediate as nextTurn } from 'node:timers/promises';
import { interruptedBy, type KatavmEvent, toVmName } from '@katavm/core';
import { expect, it } from 'vitest';
import { newWorld } from '../testing/world.js';
import { takeBootTurn } from './boot-turn.js';

const name = toVmName('debian12-job');
const { signal } = new AbortController();

async function newTurns(turns: number, longestMilliseconds?: number) {
  const { context, events } = await newWorld();
  const take = (until = signal) =>
    takeBootTurn(context.state, name, {
      emit: context.emit,
      signal: until,
      turns,
      ...(longestMilliseconds && { longestMilliseconds }),
    });
  return { take, events };
}

const waits = (events: readonly KatavmEvent[]) => events.filter(({ type }) => type === 'wait').length;

async function untilWaits(events: readonly KatavmEvent[], count: number): Promise<void> {
  while (waits(events) < count) await nextTurn();
}

it('lets as many guests boot at once as there are turns, and no other before one of them has ended its own', async () => {
  const { take, events } = await newTurns(2);
  const [first, second] = [await take(), await take()];
  expect(events).toEqual([]);
  let came = false;
  const third = take().finally(() => {
    came = true;
  });
  await untilWaits(events, 1);
  expect(came).toBe(false);
  await second.end();
  await (await third).end();
  await first.end();
  expect(events).toMatchObject([
    { type: 'wait', state: 'waiting', requirement: "debian12-job's turn to boot, after other emulated guests" },
    { type: 'wait', state: 'ready' },
    { type: 'timing', part: 'turn' },
  ]);
});

it('ends by itself where the guest does not answer in time, so that one that hangs holds up nobody', async () => {
  const { take } = await newTurns(1, 1);
  const hanging = await take();
  await (await take()).end();
  await hanging.end();
});

it('is waited for no longer than the launch lives', async () => {
  const { take, events } = await newTurns(1);
  const first = await take();
  const abort = new AbortController();
  const waiting = expect(take(abort.signal)).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED' });
  await untilWaits(events, 1);
  abort.abort(interruptedBy('SIGINT'));
  await waiting;
  await first.end();
  await (await take()).end();
});

it('is held by nobody where the launch ends at the moment when it comes', async () => {
  const { take, events } = await newTurns(2);
  const held = [await take(), await take()];
  const abort = new AbortController();
  const waiting = take(abort.signal).then(
    (turn) => turn.end(),
    () => {},
  );
  await untilWaits(events, 1);
  await held[0]?.end();
  abort.abort(interruptedBy('SIGINT'));
  await waiting;
  await held[1]?.end();
  for (const turn of [await take(), await take()]) await turn.end();
});
