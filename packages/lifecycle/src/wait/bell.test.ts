import { expect, test } from 'vitest';
import { Bell } from './bell.js';

const never = new AbortController().signal;
const long = 2 ** 31 - 1;

test('whoever waits is woken when it rings', async () => {
  const bell = new Bell();
  const waiting = bell.wait(long, never);
  bell.ring();
  await waiting;
});

test('a ring that nobody waited for is heard by the next, once', async () => {
  const bell = new Bell();
  bell.ring();
  bell.ring();
  await bell.wait(long, never);
  const heard: string[] = [];
  const waiting = bell.wait(long, never).then(() => heard.push('woken'));
  await new Promise(setImmediate);
  expect(heard).toEqual([]);
  bell.ring();
  await waiting;
});

test('the wait ends with its time, and with its signal', async () => {
  await new Bell().wait(1, never);
  const stop = new AbortController();
  const waiting = new Bell().wait(long, stop.signal);
  stop.abort();
  await waiting;
  await new Bell().wait(long, stop.signal);
});
