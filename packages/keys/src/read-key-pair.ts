import { readFile, stat } from 'node:fs/promises';
import { throwIfAborted } from '@katavm/core';
import type { KeyPair } from './adapter.js';
import { keyExposed, keyInvalid, keyMismatch, keyUnreadable } from './failures.js';
import { publicKeyInFile } from './openssh-key-format.js';
import { fingerprintOf, parsePublicKey, samePublicKey } from './public-key.js';
import { derivePublicKey } from './ssh-keygen.js';

/** Any right of the group or of others: what ssh(1) itself refuses. */
const rightsOfOthers = 0o077;

/**
 * Reads a key pair and checks it: both files there, the private key readable by nobody else, and one belonging to the other.
 *
 * @throws KATAVM_KEY_MISSING, KATAVM_KEY_UNREADABLE, KATAVM_KEY_EXPOSED, KATAVM_KEY_INVALID (not a key, or with a
 * passphrase), KATAVM_KEY_MISMATCH, KATAVM_COMMAND_MISSING where the key is in another format than OpenSSH's and there is no ssh-keygen.
 */
export async function readKeyPair(path: string, signal?: AbortSignal): Promise<KeyPair> {
  throwIfAborted(signal);
  const text = await checkPrivateKeyFile(path);
  const line = (await orUnreadable(`${path}.pub`, readFile(`${path}.pub`, 'utf8'))).trim();
  const written = parsePublicKey(line);
  if (!written) throw keyInvalid(`${path}.pub`, 'it does not hold a public key');
  // In this process where it can be: each launch reads its keys, and waits 20 ms for a process.
  const own = publicKeyInFile(text) ?? (await derivePublicKey(path, signal));
  if (!samePublicKey(written, own)) throw keyMismatch(path);
  return { path, publicKey: line, fingerprint: fingerprintOf(written) };
}

/** What the file holds. @throws KATAVM_KEY_MISSING, KATAVM_KEY_UNREADABLE, KATAVM_KEY_EXPOSED, KATAVM_KEY_INVALID */
export async function checkPrivateKeyFile(path: string): Promise<string> {
  const { mode, isFile } = await orUnreadable(
    path,
    stat(path).then((found) => ({ mode: found.mode, isFile: found.isFile() })),
  );
  if (!isFile) throw keyInvalid(path, 'it is not a file');
  if (mode & rightsOfOthers) throw keyExposed(path, mode);
  // ssh-keygen would say the same in more words.
  return orUnreadable(path, readFile(path, 'utf8'));
}

async function orUnreadable<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw keyUnreadable(path, error);
  }
}
