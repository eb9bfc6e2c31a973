import { exec, hasCode, isKatavmError } from '@katavm/core';
import type { KeyType } from './adapter.js';
import { keyInvalid } from './failures.js';
import { type PublicKey, parsePublicKey } from './public-key.js';

interface Generation {
  readonly path: string;
  readonly type: KeyType;
  readonly comment: string;
  readonly signal: AbortSignal | undefined;
}

/** RSA: what the original scripts used. ed25519 has one size. */
const bits: Readonly<Partial<Record<KeyType, string>>> = { ecdsa: '256', rsa: '4096' };

/** Makes `path` and `path.pub`, which must not exist: ssh-keygen would ask whether to replace them. */
export async function generate({ path, type, comment, signal }: Generation): Promise<void> {
  const size = bits[type] === undefined ? [] : ['-b', bits[type]];
  // A line break would end the public key's line in the middle, and no argument can hold a NUL.
  const line = comment.replace(/[\r\n\0]+/g, ' ');
  await exec('ssh-keygen', ['-q', '-t', type, ...size, '-N', '', '-C', line, '-f', path], { signal });
}

/** The public key that belongs to a private key's file. @throws KATAVM_KEY_INVALID */
export async function derivePublicKey(
  path: string,
  signal: AbortSignal | undefined,
): Promise<PublicKey & { readonly line: string }> {
  const line = await derive(path, signal);
  const key = parsePublicKey(line);
  if (!key) throw keyInvalid(path, `its type is ${line.split(' ', 1)[0]}`);
  return { ...key, line };
}

async function derive(path: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    return (await exec('ssh-keygen', ['-y', '-P', '', '-f', path], { signal })).stdout.trim();
  } catch (error) {
    if (!hasCode(error, 'KATAVM_COMMAND_FAILED') || !isKatavmError(error)) throw error;
    const said = String(error.details['stderr'] ?? '');
    throw keyInvalid(path, /passphrase/.test(said) ? 'it has a passphrase, and nobody is there to type it' : said, error);
  }
}
