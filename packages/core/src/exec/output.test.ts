import { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectText, forwardLines, largestOutputBytes } from './output.js';

describe("a command's output", () => {
  it('reaches the listener line by line, however the pipe cuts it into pieces', async () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, ''));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), async (lines, cuts) => {
        const seen: string[] = [];
        const stream = Readable.from(cut(Buffer.from(lines.map((text) => `${text}\n`).join('')), cuts), { objectMode: false });
        forwardLines(stream, (text) => seen.push(text));
        await finished(stream);
        expect(seen).toEqual(lines);
      }),
    );
  });

  it('shows its last line also without a newline at its end', async () => {
    const seen: string[] = [];
    const stream = Readable.from([Buffer.from('one\r\ntwo')]);
    forwardLines(stream, (text) => seen.push(text));
    await finished(stream);
    expect(seen).toEqual(['one', 'two']);
  });

  it('is told once to be too large, and takes no more memory then', async () => {
    let overflows = 0;
    const stream = new PassThrough();
    const text = collectText(stream, () => overflows++);
    const chunk = Buffer.alloc(16 * 1024 ** 2, 'x');
    for (let written = 0; written <= largestOutputBytes; written += chunk.length) stream.write(chunk);
    stream.end(chunk);
    await finished(stream);
    expect(overflows).toBe(1);
    expect(text().length).toBeLessThanOrEqual(largestOutputBytes);
  });
});

function* cut(bytes: Buffer, lengths: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length] ?? 1;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}
