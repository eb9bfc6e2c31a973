import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasCode } from '../errors/katavm-error.js';
import { parseVmName, toVmName } from './vm-name.js';

describe('a VM name', () => {
  it.each(['debian12', 'a', 'ubuntu24-04', '9p', `a${'b'.repeat(62)}`])('may be %j', (name) => {
    expect(parseVmName(name)).toBe(name);
  });

  it.each([
    ['', 'empty'],
    ['Debian', 'not lower case'],
    ['a.b', 'two labels'],
    ['-a', 'an option to virsh'],
    ['a-', 'no label'],
    ['12', "a domain's id to virsh"],
    ['a/../b', 'a path'],
    ['a\n', 'two lines'],
    ['a'.repeat(64), 'too long for DNS'],
  ])('cannot be %j: %s', (name) => {
    expect(() => parseVmName(name)).toThrow(expect.objectContaining({ code: 'KATAVM_NAME_INVALID', exitCode: 2 }));
  });

  it('can be made of any text, and ends with the suffix', () => {
    const suffix = fc.stringMatching(/^-[a-z0-9]{1,12}$/);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), suffix, (text, end) => {
        const name = toVmName(text, end);
        expect(parseVmName(name)).toBe(name);
        expect(name.endsWith(end)).toBe(true);
      }),
    );
  });

  it('stays as it is when it is valid already', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9-]{1,70}$/), (text) => {
        let valid = true;
        try {
          parseVmName(text);
        } catch (error) {
          expect(hasCode(error, 'KATAVM_NAME_INVALID')).toBe(true);
          valid = false;
        }
        if (valid && !text.includes('--')) expect(toVmName(text)).toBe(text);
      }),
    );
  });

  it.each([
    ['Ubuntu 24.04', 'ubuntu-24-04'],
    ['2204', 'vm-2204'],
    [`${'1'.repeat(70)}a`, `vm-${'1'.repeat(60)}`],
    ['***', 'vm'],
  ])('made of %j is %s', (text, name) => {
    expect(toVmName(text)).toBe(name);
  });
});
