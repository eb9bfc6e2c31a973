import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderYaml } from '../src/cloud-config/render.js';
import { compose, readUserData } from '../src/index.js';
import { hasPyYaml, readWithPyYaml } from './python.js';

const seed = Number(process.env['KATAVM_TEST_SEED'] ?? Date.now() % 2 ** 31);

describe.skipIf(!(await hasPyYaml()))(`PyYAML, which cloud-init reads with (seed ${seed})`, () => {
  it('reads rendered data back as the same data', async () => {
    const values = fc.sample(fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 }), { numRuns: 300, seed });
    const awkward = [
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
      'a\u0085b\u2028c\u2029d',
      '\ufeff',
      '\ufffe',
      '😀',
      '\ud800',
      '\u0000\u001b\u007f',
      'a\\/"\'',
      ' #',
      'x: ',
      'k'.repeat(5000),
    ];
    const numbers = [0, 1e21, 1.5e-9, 5e-324, 2 ** 53 - 1, -1.5, 1e3];
    const all = [
      ...values.map((value) => JSON.parse(JSON.stringify(value)) as unknown),
      ...awkward,
      ...numbers,
      Object.fromEntries(awkward.map((text, index) => [text, index])),
    ];
    expect(await readWithPyYaml(all.map(renderYaml))).toEqual(all);
  });

  it('keeps numbers that JSON has no text for', async () => {
    const texts = [-0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(renderYaml);
    expect(await readWithPyYaml(texts)).toEqual([-0, { float: 'inf' }, { float: '-inf' }]);
  });

  it('keeps dates and bytes', async () => {
    const text = renderYaml([new Date('2026-01-02'), new Date('2026-01-02T03:04:05.678Z'), Uint8Array.of(0, 255)]);
    expect(await readWithPyYaml([text])).toEqual([
      [{ date: '2026-01-02' }, { datetime: '2026-01-02T03:04:05.678000+00:00' }, { bytes: [0, 255] }],
    ]);
  });

  it('reads in the composed user-data what it would have read in the file that was written', async () => {
    const written = [
      '#cloud-config',
      'package_update: Yes',
      'package_upgrade: off',
      'resize_rootfs: noblock',
      'swap: {filename: /swap, size: 0x10_0000, maxsize: 1:30}',
      'power: &p [0644, 0b11, 1_000, .5, 1.0e+3, 1e3, 08, ~, Null, 2001-01-01, 2001-12-14t21:59:43.10-05:00]',
      'reporting: {a: [*p], <<: {b: .inf}, "c\\u0085": "\\x41\\ttab"}',
      'write_files:',
      '- path: /a',
      '  content: |',
      '    one',
      '      two  ',
      '',
      '- path: /b',
      '  content: >-',
      '    folded',
      '    text',
      '- {path: /c, content: !!binary aGVsbG8=}',
    ]
      .join('\n')
      .replace('power:', 'x-values:');
    const folder = await mkdtemp(join(tmpdir(), 'katavm-pyyaml-'));
    try {
      const file = join(folder, 'user-data');
      await writeFile(file, written);
      const { userData } = compose({
        own: await readUserData(file),
        user: 'jenkins',
        hostname: 'h',
        instanceId: 'i',
        bootCommands: [],
      });
      const [direct, composed] = (await readWithPyYaml([written, userData])) as [
        Record<string, unknown>,
        Record<string, unknown>,
      ];
      delete direct['x-values'];
      expect(composed).toMatchObject(direct);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
