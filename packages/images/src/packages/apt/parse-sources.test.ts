import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toGuestSources } from './guest-keyrings.js';
import { parseDeb822Sources } from './parse-deb822.js';
import { parseOneLineSources } from './parse-one-line.js';
import { renderSources } from './render-sources.js';
import type { SourceEntry } from './source-entry.js';

const word = fc.stringMatching(/^[a-z][a-z0-9.+-]{0,12}$/);
const entry: fc.Arbitrary<SourceEntry> = fc.record({
  uri: fc.tuple(word, word).map(([host, path]) => `https://${host}.example.org/${path}/`),
  suite: word,
  components: fc.array(word, { minLength: 1, maxLength: 3 }),
  architectures: fc.constant(['amd64']),
  signedBy: fc.option(
    word.map((name) => `/usr/share/keyrings/${name}.gpg`),
    { nil: undefined },
  ),
  trusted: fc.boolean(),
  checkValidUntil: fc.boolean(),
});

function toDeb822(source: SourceEntry): string {
  return [
    '# a comment before',
    'Types: deb deb-src',
    `URIs: ${source.uri}`,
    `Suites:\n ${source.suite}`,
    '# a comment in the middle of a stanza',
    `Components: ${source.components.join('\n ')}`,
    `architectures: ${source.architectures.join(' ')}`,
    ...(source.signedBy ? [`Signed-By: ${source.signedBy}`] : []),
    `Trusted: ${source.trusted ? 'yes' : 'no'}`,
    `Check-Valid-Until: ${source.checkValidUntil ? 'yes' : 'no'}`,
  ].join('\n');
}

describe("apt's sources", () => {
  test('what katavm writes into a guest reads back as the same archives', () => {
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        expect(parseOneLineSources(renderSources(entries, 'amd64').join('\n'))).toEqual(entries);
      }),
    );
  });

  test('a deb822 file says the same as its one-line spelling', () => {
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        expect(parseDeb822Sources(entries.map(toDeb822).join('\n\n'))).toEqual(entries);
      }),
    );
  });

  test('any text is read without a crash', () => {
    const lines = fc
      .array(fc.oneof(fc.string(), fc.constantFrom('deb [', 'deb', 'Types: deb', ' x', 'URIs:', '', '#', 'deb [a=b] u s c')))
      .map((parts) => parts.join('\n'));
    fc.assert(fc.property(lines, (text) => Array.isArray(parseOneLineSources(text)) && Array.isArray(parseDeb822Sources(text))));
  });

  test('a disabled stanza, a source archive and a commented line are no archives', () => {
    const stanza = 'Types: deb\nURIs: http://a.example.org/debian\nSuites: bookworm\nComponents: main\n';
    expect(parseDeb822Sources(`${stanza}Enabled: no\n`)).toEqual([]);
    expect(parseDeb822Sources(stanza.replace('deb', 'deb-src'))).toEqual([]);
    expect(
      parseOneLineSources('# deb http://a.example.org/debian bookworm main\ndeb-src http://a.example.org/debian b main'),
    ).toEqual([]);
  });

  test('each of several URIs and suites of a stanza is an archive, and a key written into it is not taken for a path', () => {
    const text = [
      'Types: deb',
      'URIs: http://a.example.org/debian http://b.example.org/debian',
      'Suites: bookworm bookworm-updates',
      'Components: main',
      'Signed-By:',
      ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
      ' .',
      ' mQINBF+/slash',
      ' -----END PGP PUBLIC KEY BLOCK-----',
    ].join('\r\n');
    const entries = parseDeb822Sources(text);
    expect(entries.map(({ uri, suite }) => `${uri} ${suite}`)).toEqual([
      'http://a.example.org/debian bookworm',
      'http://a.example.org/debian bookworm-updates',
      'http://b.example.org/debian bookworm',
      'http://b.example.org/debian bookworm-updates',
    ]);
    expect(entries.every(({ signedBy }) => signedBy === undefined)).toBe(true);
  });
});

test('a guest finds the keyring of a mirror at a place of its own, whatever its path on the host', () => {
  const own = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const text = `deb [signed-by=/home/me/site.asc] http://a.example.org/debian b main\ndeb [signed-by=${own}] http://b.example.org/debian b main`;
  const { entries, keyrings } = toGuestSources(parseOneLineSources(text), 'debian');
  expect(keyrings).toEqual([{ hostPath: '/home/me/site.asc', guestPath: '/usr/share/keyrings/katavm-mirror-1.asc' }]);
  expect(entries.map(({ signedBy }) => signedBy)).toEqual([keyrings[0]?.guestPath, own]);
});
