import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { expect, onTestFinished, test } from 'vitest';
import { generateHostKey } from '../src/generate-host-key.js';
import { publicKeyInFile } from '../src/openssh-key-format.js';
import { readKeyPair } from '../src/read-key-pair.js';

const types = ['ed25519', 'ecdsa', 'rsa'] as const;

test.each(types)('the public half of an %s key is read as ssh-keygen reads it', async (type) => {
  const path = await made('-t', type, '-N', '');
  const { stdout } = await exec('ssh-keygen', ['-y', '-f', path]);
  const [name, base64] = stdout.trim().split(' ');
  expect(publicKeyInFile(await readFile(path, 'utf8'))).toEqual({ type: name, base64 });
});

test('a key that a passphrase protects, and one in another format, are left to ssh-keygen', async () => {
  const locked = await made('-t', 'ed25519', '-N', 'a passphrase');
  expect(publicKeyInFile(await readFile(locked, 'utf8'))).toBeUndefined();
  await expect(readKeyPair(locked)).rejects.toMatchObject({
    code: 'KATAVM_KEY_INVALID',
    message: expect.stringContaining('passphrase'),
  });
  const pem = await made('-t', 'rsa', '-m', 'PEM', '-N', '');
  expect(publicKeyInFile(await readFile(pem, 'utf8'))).toBeUndefined();
  expect((await readKeyPair(pem)).publicKey).toMatch(/^ssh-rsa /);
});

test('a key file that is cut off, or whose secret part is not in the clear, is none, wherever it was hurt', async () => {
  const { privateKey, publicKey } = await generateHostKey();
  const [type, base64] = publicKey.split(' ');
  expect(publicKeyInFile(privateKey)).toEqual({ type, base64 });
  const [first = '', ...rest] = privateKey.trim().split('\n');
  const bytes = Buffer.from(rest.slice(0, -1).join(''), 'base64');
  const fileOf = (body: Buffer) => `${first}\n${body.toString('base64')}\n${rest.at(-1)}\n`;
  expect(publicKeyInFile(fileOf(bytes))).toEqual({ type, base64 });
  for (let length = 0; length < bytes.length; length++)
    expect(publicKeyInFile(fileOf(bytes.subarray(0, length)))).toBeUndefined();
  const blob = bytes.indexOf(Buffer.from(base64 ?? '', 'base64'));
  const secret = blob + Buffer.from(base64 ?? '', 'base64').length + 4;
  // Each byte of what stands before the public key and its type, and of what shows that no cipher hides the rest.
  for (const at of [...Array(blob + 15).keys(), ...Array.from({ length: 23 }, (_, index) => secret + index)]) {
    const hurt = Buffer.from(bytes);
    hurt.writeUInt8((hurt.at(at) ?? 0) ^ 0x20, at);
    expect(publicKeyInFile(fileOf(hurt)), `byte ${at}`).toBeUndefined();
  }
});

async function made(...options: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-key-format-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await exec('ssh-keygen', ['-q', '-C', '', ...options, '-f', join(folder, 'key')]);
  return join(folder, 'key');
}
