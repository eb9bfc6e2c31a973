// The identity disk as tar reads it in the guest.
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { expect, onTestFinished, test } from 'vitest';
import { type Identity, writeIdentityDisk } from '../src/identity/identity-disk.js';

const identity: Identity = {
  hostname: 'debian12-1',
  user: 'jenkins',
  hostKey: { privateKey: 'PRIVATE\n', publicKey: 'ssh-ed25519 AAAA' },
  authorizedKeys: ['ssh-ed25519 BBBB', 'ssh-ed25519 CCCC'],
};

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-identity-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("gives the guest its name, its host key and who may log in, and is for no other user's eyes", async () => {
  const folder = await newFolder();
  const disk = join(folder, 'identity.tar');
  await writeIdentityDisk(disk, identity, { 'install.sh': 'echo' });
  expect(await readdir(folder)).toEqual(['identity.tar']);
  expect((await stat(disk)).mode & 0o777).toBe(0o600);
  const read = async (member: string) => (await exec('tar', ['-xOf', disk, member])).stdout;
  expect(await read('hostname')).toBe('debian12-1');
  expect(await read('ssh_host_ed25519_key')).toBe('PRIVATE');
  expect(await read('authorized_keys/jenkins')).toBe('ssh-ed25519 BBBB\nssh-ed25519 CCCC');
  expect(await read('install.sh')).toBe('echo');
});

test('names neither the host nor the hour it was made in: the same identity gives the same bytes', async () => {
  const folder = await newFolder();
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  await writeIdentityDisk(first, identity);
  await writeIdentityDisk(second, identity);
  expect(await readFile(first)).toEqual(await readFile(second));
});
