import { DOMParser } from '@xmldom/xmldom';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DomainMetadata } from '../hypervisor.js';
import { serialize } from './element.js';
import { metadataElement } from './metadata.js';
import { parseMetadata } from './parse-metadata.js';

const representable = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u;
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('&', '#', 'x', '9', ';', '<', '"', "'", '\n') }),
);
const metadata = fc.record({
  config: text,
  generation: text,
  clone: text,
  purpose: fc.constantFrom('build', 'job', 'kept', 'template'),
  owner: text,
  created: text,
  home: text,
}) as fc.Arbitrary<DomainMetadata>;

test('whatever a domain is marked with is read back, as an XML parser reads it', () => {
  fc.assert(
    fc.property(metadata, (written) => {
      fc.pre(Object.values(written).every((value) => representable.test(value)));
      const xml = serialize(metadataElement(written));
      expect(parseMetadata(xml)).toEqual(written);
      const root = new DOMParser().parseFromString(xml, 'text/xml').documentElement;
      expect(root?.getAttribute('home')).toBe(written.home);
    }),
  );
});

test.each([
  ['single quotes, and references by number', `config='a&#x41;&#66;'`, 'aAB'],
  ['a line end that was not written as a reference', 'config="a\nb"', 'a b'],
  ['a reference to a reference', 'config="&amp;lt;"', '&lt;'],
])('%s', (_, attribute, config) => {
  const rest = 'generation="g" clone="c" purpose="job" owner="o" created="c" home="/h"';
  expect(parseMetadata(`<domain version="1" ${attribute} ${rest}></domain>\n`)?.config).toBe(config);
});

test.each(['', 'no metadata', '<domain/>', '<domain version="1"><child/></domain>', '<domain version="1"'])(
  '%j is not ours',
  (xml) => {
    expect(parseMetadata(xml)).toBeUndefined();
  },
);
