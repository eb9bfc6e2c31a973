import { createHash } from 'node:crypto';

/** A public key's line, taken apart: `type base64 comment`. */
export interface PublicKey {
  readonly type: string;
  readonly base64: string;
}

/** What the SSH client and every sshd since OpenSSH 6.5 can use; a hardware key (`sk-…`) needs a person at the host. */
const usableTypes = /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521))$/;

/** The key in a line of a `.pub` file, or `undefined` where there is none. */
export function parsePublicKey(line: string): PublicKey | undefined {
  const [type = '', base64 = ''] = line.trim().split(/\s+/);
  if (!usableTypes.test(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  // RFC 4253, 6.6: the blob begins with the type again, as a string with a 4-byte length.
  const blob = Buffer.from(base64, 'base64');
  const named = blob.length > 4 ? blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1') : '';
  return named === type ? { type, base64 } : undefined;
}

export function samePublicKey(one: PublicKey, other: PublicKey): boolean {
  return one.type === other.type && one.base64 === other.base64;
}

/** `SHA256:…`, as `ssh-keygen -l` prints it: base64 without padding. */
export function fingerprintOf({ base64 }: PublicKey): string {
  const digest = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}
