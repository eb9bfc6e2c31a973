import { DOMParser } from '@xmldom/xmldom';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { element, serialize } from './element.js';

/** What XML 1.0 can carry, with the characters that need care made frequent. */
const hostile = fc.oneof(
  fc.constantFrom('&', '<', '>', '"', "'", '\t', '\n', '\r', ' ', ']]>', '&amp;', '<!--', '\u0085', '\u2028'),
  fc.string(),
);
const text = fc
  .array(hostile, { minLength: 1 })
  .map((parts) => parts.join(''))
  .filter((joined) => !/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.test(joined));

function parse(xml: string) {
  const fail = (_level: string, message: string) => {
    throw new Error(message);
  };
  // Line ends by XML 1.0, as libvirt's parser has them.
  const normalizeLineEndings = (source: string) => source.replace(/\r\n?/g, '\n');
  return new DOMParser({ onError: fail, normalizeLineEndings }).parseFromString(xml, 'text/xml').documentElement;
}

describe('an XML document', () => {
  it('gives back every name and path that was put into it', () => {
    fc.assert(
      fc.property(text, text, (attribute, child) => {
        const root = parse(serialize(element('a', {}, element('b', { c: attribute }, child))));
        const [read] = root?.getElementsByTagName('b') ?? [];
        expect(read?.getAttribute('c')).toBe(attribute);
        expect(read?.textContent).toBe(child);
      }),
    );
  });

  it.each(['\0', '\x1b', '\uD800', '\uFFFE'])('cannot be made with a character that XML does not have: %j', (character) => {
    expect(() => serialize(element('source', { file: `/a${character}` }))).toThrow(
      expect.objectContaining({ code: 'KATAVM_DOMAIN_INVALID', exitCode: 2 }),
    );
  });
});
