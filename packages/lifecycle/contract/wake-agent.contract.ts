// The wake agent's own unpacking of an identity disk, against tar's; its look at sshd; and that Python sees the agent as it is read.
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { expect, onTestFinished, test } from 'vitest';
import { writeIdentityDisk } from '../src/identity/identity-disk.js';

const agent = join(import.meta.dirname, '..', 'guest', 'wake.py');

async function contents(folder: string) {
  const names = (await readdir(folder, { recursive: true })).sort();
  return Promise.all(
    names.map(async (name) => {
      const { mode } = await stat(join(folder, name));
      return { name, mode: (mode & 0o777).toString(8), text: await readFile(join(folder, name), 'utf8').catch(() => undefined) };
    }),
  );
}

test('the wake agent unpacks an identity disk as tar does, over an earlier one, too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-wake-agent-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [disk, byTar, byAgent] = ['identity.tar', 'tar', 'agent'].map((name) => join(folder, name)) as [string, string, string];
  await Promise.all([byTar, byAgent].map((each) => mkdir(each)));
  for (const hostname of ['debian12-1', 'debian12-2']) {
    const hostKey = { privateKey: `PRIVATE of ${hostname}\n`, publicKey: 'ssh-ed25519 AAAA' };
    const authorizedKeys = ['ssh-ed25519 BBBB', `ssh-rsa ${'C'.repeat(700)}`];
    await writeIdentityDisk(disk, { hostname, user: 'jenkins', hostKey, authorizedKeys });
    const unpack = 'import runpy, sys; runpy.run_path(sys.argv[1])["unpack"](open(sys.argv[2], "rb").read(), sys.argv[3])';
    await exec('sh', ['-c', 'umask 022 && exec "$@"', 'sh', 'tar', '-xof', disk, '-C', byTar]);
    await exec('sh', ['-c', 'umask 022 && exec "$@"', 'sh', 'python3', '-IS', '-c', unpack, agent, disk, byAgent]);
    expect(await contents(byAgent)).toEqual(await contents(byTar));
    expect(await readFile(join(byAgent, 'hostname'), 'utf8')).toBe(`${hostname}\n`);
  }
});

test('the wake agent finds out which version an sshd is: before 9.8 it need not start anew to take another key', async () => {
  const { stderr } = await exec('ssh', ['-V']); // of the same package source, and the same version
  const ask = 'import runpy, sys; print(runpy.run_path(sys.argv[1])["version_of_sshd"](sys.argv[2]))';
  const { stdout } = await exec('python3', ['-IS', '-c', ask, agent, '/usr/sbin/sshd']);
  const [, major, minor] = /^OpenSSH_(\d+)\.(\d+)p/.exec(stderr) ?? [];
  expect(stdout).toBe(`[${major}, ${minor}]`);
});

test('nothing in the wake agent is defined twice: the later definition would hide the earlier', async () => {
  const names = [...(await readFile(agent, 'utf8')).matchAll(/^def (\w+)/gm)].map(([, name]) => name);
  expect(names).toContain('unpack');
  expect(names).toEqual([...new Set(names)]);
});
