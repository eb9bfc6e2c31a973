import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '@katavm/core';
import type { GenerateHostKeyInput, KeyMaterial } from './adapter.js';
import { generate } from './ssh-keygen.js';
import { writing } from './writing.js';

/**
 * Makes an ed25519 host key for one guest and keeps nothing of it: ssh-keygen writes into a folder of its own in `directory`,
 * which only this user can enter and which is gone when this returns.
 *
 * @throws KATAVM_KEY_NOT_WRITTEN where the directory has no room or cannot be written; KATAVM_COMMAND_MISSING where there is no ssh-keygen.
 */
export async function generateHostKey({ directory, signal }: GenerateHostKeyInput): Promise<KeyMaterial> {
  throwIfAborted(signal);
  return writing(join(directory, 'host-key'), () => make(directory, signal));
}

async function make(directory: string, signal: AbortSignal | undefined): Promise<KeyMaterial> {
  const folder = await mkdtemp(join(directory, '.host-key-'));
  try {
    const path = join(folder, 'key');
    await generate({ path, type: 'ed25519', comment: '', signal });
    const [privateKey, line] = await Promise.all([readFile(path, 'utf8'), readFile(`${path}.pub`, 'utf8')]);
    return { privateKey, publicKey: line.trim() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
