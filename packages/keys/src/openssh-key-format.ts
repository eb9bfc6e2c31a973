import { randomBytes } from 'node:crypto';

/** An Ed25519 key as RFC 8032 has it: 32 bytes each. */
export interface Ed25519Key {
  readonly secret: Buffer;
  readonly public: Buffer;
}

const type = 'ssh-ed25519';

/** How a public key goes over the wire (RFC 8709, 4), and into `authorized_keys` as base64. */
export function publicKeyBlob(key: Ed25519Key): Buffer {
  return Buffer.concat([string(type), string(key.public)]);
}

/** A private key's file without a passphrase, as OpenSSH's PROTOCOL.key has it: the only format that its sshd reads Ed25519 in before 9.6. */
export function privateKeyFile(key: Ed25519Key): string {
  const none = string('none');
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[none, none, string('')], // cipher, key derivation and its options
    number(1), // keys
    string(publicKeyBlob(key)),
    string(padded(secretPart(key))),
  ]);
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
