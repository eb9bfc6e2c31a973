import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { allEnded } from './all-ended.js';

it('gives every result in order', async () => {
  expect(await allEnded([nextTurn('slow'), Promise.resolve(2), 3])).toEqual(['slow', 2, 3]);
});

it('fails with the first in order, when the last has ended', async () => {
  let ended = false;
  const slow = nextTurn().then(() => {
    ended = true;
    throw new Error('first');
  });
  await expect(allEnded([slow, Promise.reject(new Error('second'))])).rejects.toThrow('first');
  expect(ended).toBe(true);
});
