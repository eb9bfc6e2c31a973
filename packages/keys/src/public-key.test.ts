import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePublicKey } from './public-key.js';

function lineOf(type: string, inner: string, rest: Uint8Array): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(inner));
  return `${type} ${Buffer.concat([length, Buffer.from(inner), rest]).toString('base64')} a comment`;
}

describe('a line of a .pub file', () => {
  test('is a key when its blob names the same type as its first word', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256'),
        fc.uint8Array({ minLength: 1 }),
        (type, rest) => {
          expect(parsePublicKey(lineOf(type, type, rest))?.type).toBe(type);
        },
      ),
    );
  });

  test('is refused when its blob is another type, and any other text is refused without a crash', () => {
    expect(parsePublicKey(lineOf('ssh-ed25519', 'ssh-rsa', new Uint8Array(32)))).toBeUndefined();
    expect(
      parsePublicKey(lineOf('sk-ssh-ed25519@openssh.com', 'sk-ssh-ed25519@openssh.com', new Uint8Array(32))),
    ).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => parsePublicKey(text) === undefined));
    fc.assert(fc.property(fc.base64String(), (text) => parsePublicKey(`ssh-ed25519 ${text}`) === undefined));
  });
});
