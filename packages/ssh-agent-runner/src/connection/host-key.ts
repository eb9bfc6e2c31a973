import { createHash } from 'node:crypto';
import { ExitCode, KatavmError } from '@katavm/core';
import type { ServerHostKeyAlgorithm } from 'ssh2';

/** A guest's host key, as the handshake needs it. */
export interface HostKey {
  /** The key as it goes over the wire (RFC 4253, 6.6). */
  readonly blob: Buffer;
  /** The only algorithms to offer: with others the server could answer with another of its keys. */
  readonly algorithms: readonly ServerHostKeyAlgorithm[];
}

const algorithmsByType: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'], // not ssh-rsa, which signs with SHA-1
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
};

/** @throws KATAVM_HOST_KEY_INVALID for a line that is not `type base64 [comment]` of a known type. */
export function parseHostKey(line: string): HostKey {
  const [type = '', base64 = ''] = line.trim().split(/\s+/);
  const blob = Buffer.from(base64, 'base64');
  const named = blob.length > 4 ? blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1') : undefined;
  const algorithms = Object.hasOwn(algorithmsByType, type) ? algorithmsByType[type] : undefined;
  if (algorithms && named === type) return { blob, algorithms };
  throw new KatavmError({
    code: 'KATAVM_HOST_KEY_INVALID',
    message: `${JSON.stringify(line.slice(0, 100))} is not a host key to verify a guest by`,
    hint: 'give the line of its ssh_host_…_key.pub: ssh-ed25519 AAAA…',
    exitCode: ExitCode.usage,
  });
}

/** `SHA256:…`, as ssh prints it. */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}
