import { chmod, link, lstat, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode, throwIfAborted } from '@katavm/core';
import type { CreateKeyPairInput, KeyPair } from './adapter.js';
import { inFolderBeside, removeAbandoned } from './folder-beside.js';
import { checkPrivateKeyFile, readKeyPair } from './read-key-pair.js';
import { derivePublicKey, generate } from './ssh-keygen.js';
import { writing } from './writing.js';

/**
 * Creates a key pair, or returns the one that is there. Several callers at once get the same pair.
 *
 * The pair is made in a folder beside its place and moved there when it is whole. At no moment is there a private key
 * beside another one's public key: an interruption leaves the old pair, the new pair, or a private key whose `.pub` the
 * next call writes again. What a SIGKILL leaves beside them is removed by the first call that comes an hour later.
 *
 * @throws what {@link readKeyPair} throws for an existing pair, and KATAVM_KEY_NOT_WRITTEN.
 */
export async function createKeyPair(input: CreateKeyPairInput): Promise<KeyPair & { readonly created: boolean }> {
  throwIfAborted(input.signal);
  await removeAbandoned(input.path);
  if (!input.force && (await exists(input.path))) return await existingPair(input);
  const created = await writing(input.path, () =>
    inFolderBeside(input.path, (folder) => makeAndInstall(input, join(folder, 'key'))),
  );
  return created ? { ...(await readKeyPair(input.path, input.signal)), created } : await existingPair(input);
}

/** False where another process was quicker. */
async function makeAndInstall(input: CreateKeyPairInput, made: string): Promise<boolean> {
  const { path, type = 'ed25519', comment = 'katavm', force = false, signal } = input;
  await generate({ path: made, type, comment, signal });
  await chmod(made, 0o600);
  await chmod(`${made}.pub`, 0o644);
  throwIfAborted(signal);
  if (!force) return await installAsFirst(made, path);
  await rm(`${path}.pub`, { force: true });
  await rename(made, path);
  await rename(`${made}.pub`, `${path}.pub`);
  return true;
}

async function installAsFirst(made: string, path: string): Promise<boolean> {
  try {
    await link(made, path); // unlike rename, it fails where another process's key is there by now
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
  await rename(`${made}.pub`, `${path}.pub`);
  return true;
}

async function existingPair({
  path,
  comment = 'katavm',
  signal,
}: CreateKeyPairInput): Promise<KeyPair & { readonly created: false }> {
  await checkPrivateKeyFile(path);
  if (!(await exists(`${path}.pub`))) await rewritePublicKey(path, comment, signal);
  return { ...(await readKeyPair(path, signal)), created: false };
}

async function rewritePublicKey(path: string, comment: string, signal: AbortSignal | undefined): Promise<void> {
  const { type, base64 } = await derivePublicKey(path, signal);
  await writing(path, () =>
    inFolderBeside(path, async (folder) => {
      const made = join(folder, 'key.pub');
      await writeFile(made, `${type} ${base64} ${comment}\n`);
      await chmod(made, 0o644);
      await rename(made, `${path}.pub`);
    }),
  );
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}
