import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HeldInput } from './held-input.js';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('what Jenkins sent while the guest booted reaches the agent first, byte for byte, whenever it came', async () => {
  const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 5000 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(chunks, chunks, async (before, after) => {
      const stdin = new PassThrough();
      const held = new HeldInput(stdin, () => {});
      for (const chunk of before) {
        stdin.write(chunk);
        await turn();
      }
      const released = held.release();
      for (const chunk of after) stdin.write(chunk);
      stdin.end();
      expect(await buffer(released)).toEqual(Buffer.concat([...before, ...after]));
    }),
  );
});

test('the end of the input is seen although nobody wants the input yet, and not any more once the agent has it', async () => {
  let ends = 0;
  const gone = new PassThrough();
  new HeldInput(gone, () => ends++);
  gone.end('a preamble');
  await buffer(gone).catch(() => {});
  await turn();
  expect(ends).toBeGreaterThan(0);

  let late = 0;
  const handed = new PassThrough();
  const released = new HeldInput(handed, () => late++).release();
  handed.end();
  await buffer(released);
  expect(late).toBe(0);
});

test('an input that never ends does not fill the memory', async () => {
  const stdin = new PassThrough();
  new HeldInput(stdin, () => {});
  let taken = 0;
  while (taken < 64 && stdin.write(Buffer.alloc(256 * 1024))) {
    taken++;
    await turn();
  }
  while (taken < 64 && !stdin.writableNeedDrain) taken++;
  expect(stdin.readableFlowing).toBe(false);
});

test('all that was read of an input is handed over with its descriptor, also what came after the most that is held', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 600 * 1024 }), { minLength: 3, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sizes, async (sent) => {
      const chunks = sent.map((size, index) => Buffer.alloc(size, index + 1));
      const stdin = new PassThrough({ highWaterMark: 16 * 1024 ** 2 });
      const held = new HeldInput(stdin, () => {});
      for (const chunk of chunks) stdin.write(chunk);
      await turn();
      expect(held.handOver().equals(Buffer.concat(chunks))).toBe(true);
    }),
  );
});
