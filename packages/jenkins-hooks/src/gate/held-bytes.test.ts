import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeldBytes } from './held-bytes.js';

test('every byte comes out once, in order, whatever is held when and however slowly it is read', async () => {
  const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 2000 }), { maxLength: 40 });
  const property = fc.asyncProperty(chunks, fc.nat(45), fc.nat(5), async (given, passedAt, readLate) => {
    const held = new HeldBytes();
    const got: Buffer[] = [];
    const ended = (async () => {
      for (let late = 0; late < readLate; late++) await turn();
      for await (const chunk of held) got.push(chunk);
    })();
    for (const [index, chunk] of given.entries()) {
      held.write(Buffer.from(chunk));
      if (index % 3 === 0) held.pass();
      if (index === passedAt) held.passForGood();
      if (index % 7 === 0) await turn();
    }
    held.end();
    held.passForGood();
    await ended;
    expect(Buffer.concat(got).equals(Buffer.concat(given))).toBe(true);
  });
  await fc.assert(property, { numRuns: 200 });
});

test('what arrives after a batch is not handed on with it', async () => {
  const held = new HeldBytes();
  held.write('first');
  await held.arrived();
  held.write('second');
  held.pass();
  expect(String(held.read())).toBe('first');
  expect(held.read()).toBeNull();
  await held.arrived();
  held.pass();
  expect(String(held.read())).toBe('second');
});

test('a guest that writes on is made to wait while bytes are held', () => {
  const held = new HeldBytes();
  const chunk = Buffer.alloc(64 * 1024);
  let written = 0;
  while (held.write(chunk) && written < 100) written++;
  expect(written).toBeLessThan(10);
});
