import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Marks } from './marks.js';

const nonce = '0123456789abcdef01234567';
const begins = `\0katavm ${nonce} begins 42\n`;
const ends = `\0katavm ${nonce} ends 137\n`;

function readAll(chunks: readonly Buffer[]) {
  const marks = new Marks(nonce);
  const passed = Buffer.concat([...chunks.map((chunk) => marks.take(chunk)), marks.rest()]);
  return { passed: passed.toString('latin1'), begun: marks.begun, ended: marks.ended };
}

/** `text` in pieces that end at these places. */
function cut(text: string, places: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  const all = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return all.slice(1).map((end, index) => bytes.subarray(all[index], end));
}

describe('marks on stderr', () => {
  test('are read and taken away, wherever the stream is cut, and nothing else is', () => {
    const noise = fc.array(
      fc.constantFrom('\0', 'k', '\0katavm ', `\0katavm ${nonce} `, `\0katavm ${nonce} ends x\n`, '\n', 'line\n', '\xff'),
    );
    fc.assert(
      fc.property(noise, noise, noise, fc.array(fc.nat()), (a, b, c, places) => {
        const [before, between, after] = [a.join(''), b.join(''), c.join('')];
        const { passed, begun, ended } = readAll(cut(before + begins + between + ends + after, places));
        expect({ passed, begun, ended }).toEqual({ passed: before + between + after, begun: 42, ended: 137 });
      }),
    );
  });

  test("of another nonce are the command's own words", () => {
    const other = ends.replace('0', 'f');
    expect(readAll([Buffer.from(other, 'latin1')])).toEqual({ passed: other, begun: undefined, ended: undefined });
  });
});
