import { readYaml } from '@katavm/core/document';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeConfigs } from './merge.js';
import { renderYaml } from './render.js';

function readBack(text: string): unknown {
  return readYaml(text, { file: 'rendered', version: '1.1' }).value;
}

/** -0 is 0 to js-yaml; PyYAML keeps it (see the contract). */
const data = fc.jsonValue({ stringUnit: 'binary' }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);

describe('rendered YAML', () => {
  it('reads back as the same data, whatever it holds', () => {
    fc.assert(
      fc.property(data, (value) => {
        expect(readBack(renderYaml({ value }))).toEqual({ value });
      }),
    );
  });

  it('keeps strings that YAML 1.1 would take for something else, and characters that it would fold', () => {
    const strings = [
      'yes',
      'on',
      'n',
      '0644',
      '12:30',
      '1e3',
      'null',
      '~',
      '',
      '2026-01-02',
      '=',
      '<<',
      '\t',
      'a\u0085b\u2028c\u2029',
      '\ufeff',
      '😀',
      '\u0000\u001b',
      'a\\/"\'',
      '__proto__',
      'x'.repeat(5000),
    ];
    const value = { strings, keys: Object.fromEntries(strings.map((text, index) => [text, index])) };
    expect(readBack(renderYaml(value))).toEqual(value);
  });

  it('keeps dates and bytes', () => {
    const value = { day: new Date('2026-01-02'), moment: new Date('2026-01-02T03:04:05.678Z'), bytes: Uint8Array.of(0, 255, 10) };
    const back = readBack(renderYaml(value)) as typeof value;
    expect([back.day.getTime(), back.moment.getTime(), [...back.bytes]]).toEqual([
      value.day.getTime(),
      value.moment.getTime(),
      [0, 255, 10],
    ]);
  });
});

describe('merged cloud-configs', () => {
  it('join mappings, append lists, and let the second win otherwise', () => {
    const merged = mergeConfigs(
      { apt: { a: 1, b: [1] }, list: [1], kind: 'x' },
      { apt: { b: [2], c: 3 }, list: [2], kind: ['y'], more: null },
    );
    expect(merged).toEqual({ apt: { a: 1, b: [1, 2], c: 3 }, list: [1, 2], kind: ['y'], more: null });
  });

  it('do not depend on how the merging is grouped', () => {
    // Of one shape: where shapes differ the last wins, and grouping then decides what it is merged with.
    const config = fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.array(fc.integer()));
    fc.assert(
      fc.property(config, config, config, (a, b, c) => {
        expect(mergeConfigs(mergeConfigs(a, b), c)).toEqual(mergeConfigs(a, mergeConfigs(b, c)));
      }),
    );
  });
});
