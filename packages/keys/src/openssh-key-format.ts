import { randomBytes } from 'node:crypto';
import { type PublicKey, parsePublicKey } from './public-key.js';

/** An Ed25519 key as RFC 8032 has it: 32 bytes each. */
export interface Ed25519Key {
  readonly secret: Buffer;
  readonly public: Buffer;
}

const ed25519 = 'ssh-ed25519';

const magic = Buffer.from('openssh-key-v1\0');
/** Cipher, key derivation and its options; and the number of keys. */
const unprotected = Buffer.concat([...['none', 'none', ''].map(string), number(1)]);

/** How a public key goes over the wire (RFC 8709, 4), and into `authorized_keys` as base64. */
export function publicKeyBlob(key: Ed25519Key): Buffer {
  return Buffer.concat([string(ed25519), string(key.public)]);
}

/**
 * The public key in a private key's file of any type, as OpenSSH's PROTOCOL.key has it, without a passphrase. `undefined` where the
 * file is anything else, or not whole: ssh-keygen reads more formats, and says what is wrong.
 */
export function publicKeyInFile(text: string): PublicKey | undefined {
  const base64 = /^-----BEGIN OPENSSH PRIVATE KEY-----\n([A-Za-z0-9+/=\n]+)-----END OPENSSH PRIVATE KEY-----\n*$/.exec(text)?.[1];
  const body = Buffer.from(base64 ?? '', 'base64');
  const fields = fieldsOf(body.subarray(magic.length));
  if (!body.subarray(0, magic.length).equals(magic) || fields === undefined) return undefined;
  const [blob, secret] = fields;
  const type = stringAt(blob, 0);
  // The type again, after the same random number twice: the key itself is there, and in the clear.
  if (!type || !secret.subarray(0, 4).equals(secret.subarray(4, 8)) || !stringAt(secret, 8)?.equals(type)) return undefined;
  return parsePublicKey(`${type.toString('latin1')} ${blob.toString('base64')}`);
}

/** Of the one key in a file that no passphrase protects: its public, and its secret part. */
function fieldsOf(bytes: Buffer): readonly [Buffer, Buffer] | undefined {
  if (!bytes.subarray(0, unprotected.length).equals(unprotected)) return undefined;
  const blob = stringAt(bytes, unprotected.length);
  const secret = blob && stringAt(bytes, unprotected.length + 4 + blob.length);
  return secret && [blob, secret];
}

/** A private key's file without a passphrase, as OpenSSH's PROTOCOL.key has it: the only format that its sshd reads Ed25519 in before 9.6. */
export function privateKeyFile(key: Ed25519Key): string {
  const body = Buffer.concat([magic, unprotected, string(publicKeyBlob(key)), string(padded(secretPart(key)))]);
  const lines = body.toString('base64').replace(/.{70}(?=.)/g, '$&\n');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** The same random number twice is how a passphrase is seen to be right; the last string is the comment. */
function secretPart(key: Ed25519Key): Buffer {
  const check = randomBytes(4);
  const pair = Buffer.concat([key.secret, key.public]);
  return Buffer.concat([check, check, publicKeyBlob(key), string(pair), string('')]);
}

/** With 1, 2, 3, …, to the block size of the cipher "none". */
function padded(bytes: Buffer): Buffer {
  const missing = -bytes.length & 7;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}

/** RFC 4251, 5: its length, and the bytes. */
function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The string that begins there, or `undefined` where the bytes end before it does. */
function stringAt(bytes: Buffer, offset: number): Buffer | undefined {
  if (offset + 4 > bytes.length) return undefined;
  const end = offset + 4 + bytes.readUInt32BE(offset);
  return end <= bytes.length ? bytes.subarray(offset + 4, end) : undefined;
}
