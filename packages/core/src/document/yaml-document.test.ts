import fc from 'fast-check';
import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { readYaml } from './yaml-document.js';

const read = (text: string, version?: '1.1' | '1.2') => readYaml(text, { file: 'katavm.yaml', ...(version && { version }) });

describe('a YAML file', () => {
  it('tells the line of every value, whatever stands around it', () => {
    const key = fc.stringMatching(/^[a-z]{1,6}$/);
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), fc.dictionary(key, tie('tree')), fc.array(tie('tree'))),
    }));
    fc.assert(
      fc.property(fc.dictionary(key, tree, { minKeys: 1 }), fc.constantFrom('\n', '\r\n'), (value, newline) => {
        const text = `# a comment\n\n${dump(value)}`.replaceAll('\n', newline);
        const document = read(text);
        expect(document.value).toEqual(JSON.parse(JSON.stringify(value).replaceAll('\\r\\n', '\\n')));
        const lines = text.split(newline);
        for (const name of Object.keys(value))
          expect(lines[document.lineOf([name]) - 1]).toMatch(new RegExp(`^['"]?${name}['"]?:`));
      }),
    );
  });

  it('tells lines below aliases, merges, tags, block texts and flow collections', () => {
    const text = [
      'base: &base',
      '  memory: 2GiB',
      'vm: *base',
      'more:',
      '  <<: *base',
      '  text: |',
      '    one',
      '    two',
      '  list: [a,',
      '    {b: 1},',
      '    !!str c]',
      '"quoted": *base',
    ].join('\n');
    const { lineOf } = read(text, '1.1');
    expect(lineOf(['vm'])).toBe(3);
    expect(lineOf(['more', 'text'])).toBe(6);
    expect(lineOf(['more', 'list', 0])).toBe(9);
    expect(lineOf(['more', 'list', 1, 'b'])).toBe(10);
    expect(lineOf(['more', 'list', 2])).toBe(11);
    expect(lineOf(['quoted'])).toBe(12);
    expect(lineOf(['vm', 'memory'])).toBe(3);
    expect(lineOf(['not', 'there'])).toBe(1);
  });

  it('that is empty, or holds only comments, is null', () => {
    expect(read('').value).toBeNull();
    expect(read('# nothing yet\n').value).toBeNull();
  });

  it("is read as cloud-init's PyYAML reads it where that is asked for", () => {
    const text = 'ssh_pwauth: no\npermissions: 0644\nrunning: 12:30\n';
    expect(read(text, '1.1').value).toMatchObject({ ssh_pwauth: false, permissions: 0o644 });
    expect(read(text, '1.2').value).toMatchObject({ ssh_pwauth: 'no', permissions: 644, running: '12:30' });
  });

  it.each([
    ['a: 1\na: 2\n', 2, 'a key twice'],
    ['a:\n\tb: 1\n', 2, 'a tab'],
    ['a: [1,\n', 2, 'an open bracket'],
    ['a: 1\n b: 2\n', 2, 'a wrong indentation'],
    ['a: *b\n', 1, 'an unknown alias'],
  ])('that is broken names its line: %j', (text, line) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'KATAVM_YAML_INVALID', exitCode: 2, details: { file: 'katavm.yaml', line } }),
    );
  });

  it('with two documents is refused', () => {
    expect(() => read('a: 1\n---\nb: 2\n')).toThrow(/more than one document/);
  });

  it('never fails with anything but a clear error, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab:-?[]{}&*!|>\'"%@#,~<\n\t 01'.split('')) }), (text) => {
        try {
          const document = read(text);
          document.lineOf(['a', 0, 'b']);
        } catch (error) {
          expect(error).toMatchObject({ code: 'KATAVM_YAML_INVALID' });
        }
      }),
    );
  });
});
