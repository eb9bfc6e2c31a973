import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findChecksum, parseChecksums } from './checksum-file.js';

const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`));
const digest = fc.oneof(hex(64), hex(128));
const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._()+~-]{0,30}[A-Za-z0-9]$/);
const algorithmOf = (value: string) => (value.length === 64 ? 'sha256' : 'sha512');

const spellings: Record<string, (digest: string, name: string) => string> = {
  'text mode': (value, file) => `${value}  ${file}`,
  'binary mode': (value, file) => `${value.toUpperCase()} *${file}`,
  'in the folder': (value, file) => `${value}  ./${file}`,
  'BSD and Fedora': (value, file) => `${algorithmOf(value).toUpperCase()} (${file}) = ${value}`,
};

const fedora = (lines: string) => `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

# image.qcow2: 395837440 bytes
${lines}
-----BEGIN PGP SIGNATURE-----

iQIzBAEBCAAdFiEEFv7iEV9Fn9gYu/m4BEqJpnTVEzsFAmYgDx4ACgkQBEqJpnTV
=abcd
-----END PGP SIGNATURE-----
`;

describe('a checksums file', () => {
  for (const [spelling, write] of Object.entries(spellings)) {
    test(`names each of its files, ${spelling}, inside a signature or not`, () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(digest, name), { minLength: 1 }), fc.boolean(), (files, signed) => {
          const lines = files.map(([value, file]) => write(value, file)).join(signed ? '\n' : '\r\n');
          const expected = files.map(([value, fileName]) => ({ algorithm: algorithmOf(value), digest: value, fileName }));
          expect(parseChecksums(signed ? fedora(lines) : lines)).toEqual(expected);
        }),
      );
    });
  }

  test('of any content is read without a crash, and weaker or mislabelled digests are not taken', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(parseChecksums(text))));
    const md5 = `${'a'.repeat(32)}  image.img\nSHA512 (image.img) = ${'a'.repeat(64)}`;
    expect(parseChecksums(md5)).toEqual([]);
  });

  test('with two digests for one name does not say which image is meant; the same digest twice does', () => {
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
    expect(findChecksum(parseChecksums(`${a}  image.img\n${b}  image.img`), 'image.img')).toBe('ambiguous');
    expect(findChecksum(parseChecksums(`${a}  image.img\n${a} *image.img`), 'image.img')).toMatchObject({ digest: a });
  });

  test('does not name an image whose name is only part of another', () => {
    const sums = parseChecksums(`${'a'.repeat(64)}  image.img.manifest`);
    expect(findChecksum(sums, 'image.img')).toBeUndefined();
  });
});
