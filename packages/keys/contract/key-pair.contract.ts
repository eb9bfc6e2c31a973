// What this implementation does beyond the suite that it exports (own-adapter.contract.ts).
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adapter } from '../src/index.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-keys-'));
  path = join(folder, 'state', 'keys', 'katavm');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const modeOf = async (file: string) => (await stat(file)).mode & 0o777;
const contents = async () => [await readFile(path, 'utf8'), await readFile(`${path}.pub`, 'utf8')];

describe('creating a key pair', () => {
  test('lets nobody else read it, and leaves the folders above it open', async () => {
    await adapter.createKeyPair({ path });
    expect(await modeOf(path)).toBe(0o600);
    expect(await modeOf(`${path}.pub`)).toBe(0o644);
    expect(await modeOf(join(folder, 'state', 'keys'))).toBe(0o700);
    expect((await modeOf(join(folder, 'state'))) & 0o011).toBe(0o011 & ~process.umask());
    expect(await readdir(join(folder, 'state', 'keys'))).toEqual(['katavm', 'katavm.pub']);
  });

  test('by force, interrupted while ssh-keygen works, keeps the old pair and leaves nothing beside it', async () => {
    await adapter.createKeyPair({ path });
    const before = await contents();
    const controller = new AbortController();
    const creating = adapter.createKeyPair({ path, type: 'rsa', force: true, signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(creating).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED' });
    expect(await contents()).toEqual(before);
    expect(await readdir(join(folder, 'state', 'keys'))).toEqual(['katavm', 'katavm.pub']);
  });

  test('writes a lost .pub again, with the private key as it was', async () => {
    const made = await adapter.createKeyPair({ path });
    await rm(`${path}.pub`);
    expect(await adapter.createKeyPair({ path })).toEqual({ ...made, created: false });
    expect(await modeOf(`${path}.pub`)).toBe(0o644);
  });

  test('removes what a killed one left more than an hour ago, and not what another one makes right now', async () => {
    await adapter.createKeyPair({ path });
    const keys = join(folder, 'state', 'keys');
    for (const name of ['.making-killed', '.making-alive']) {
      await mkdir(join(keys, name));
      await writeFile(join(keys, name, 'key'), 'a private key');
    }
    const longAgo = new Date(Date.now() - 2 * 3_600_000);
    await utimes(join(keys, '.making-killed'), longAgo, longAgo);
    expect(await adapter.createKeyPair({ path })).toMatchObject({ created: false });
    expect(await readdir(keys)).toEqual(['.making-alive', 'katavm', 'katavm.pub']);
  });

  test('says so where the folder cannot be made', async () => {
    await writeFile(join(folder, 'state'), 'a file');
    await expect(adapter.createKeyPair({ path })).rejects.toMatchObject({ code: 'KATAVM_KEY_NOT_WRITTEN' });
  });
});

describe('reading a key pair tells what is wrong with it', () => {
  const reading = () => adapter.readKeyPair(path);

  test('there is none', async () => {
    await expect(reading()).rejects.toMatchObject({ code: 'KATAVM_KEY_MISSING', exitCode: 4 });
  });

  test('its .pub is missing', async () => {
    await adapter.createKeyPair({ path });
    await rm(`${path}.pub`);
    await expect(reading()).rejects.toMatchObject({ code: 'KATAVM_KEY_MISSING', details: { path: `${path}.pub` } });
  });

  test.each(['640', '604', '660'])('others can get at it (mode %s)', async (mode) => {
    await adapter.createKeyPair({ path });
    await chmod(path, Number.parseInt(mode, 8));
    await expect(reading()).rejects.toMatchObject({
      code: 'KATAVM_KEY_EXPOSED',
      hint: expect.stringContaining(`chmod 600 ${path}`),
    });
  });

  test('it is not a key, or a folder, or has a passphrase', async () => {
    await adapter.createKeyPair({ path });
    await writeFile(path, 'not a key');
    await expect(reading()).rejects.toMatchObject({ code: 'KATAVM_KEY_INVALID' });
    await rm(path);
    await mkdir(path);
    await expect(reading()).rejects.toMatchObject({ code: 'KATAVM_KEY_INVALID' });
    await rm(path, { recursive: true });
    await rm(`${path}.pub`);
    await exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', path]);
    await expect(reading()).rejects.toMatchObject({ code: 'KATAVM_KEY_INVALID', message: expect.stringContaining('passphrase') });
  });
});

test("a host key's file looks as OpenSSH's own do", async () => {
  const { privateKey } = await adapter.generateHostKey();
  expect(privateKey).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n[\s\S]+-----END OPENSSH PRIVATE KEY-----\n$/);
});
