import { chmod, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkout, environment, testHome } from '../harness/katavm.js';
import { openPrivateHost, type PrivateHost, whyNoPrivateHost } from '../network/private-host.js';
import { bootlessConfig, minimalConfig } from '../setup/minimal-master.js';

const reason = await whyNoPrivateHost();

describe.skipIf(reason)(`a member of the group libvirt${reason === undefined ? '' : `: skipped, since ${reason}`}`, () => {
  let host: PrivateHost;
  let folder: string;
  let home: string;

  beforeAll(async () => {
    host = await openPrivateHost();
    folder = await mkdtemp('/var/tmp/katavm-member-');
    await chmod(folder, 0o755);
    home = join(folder, 'home');
    for (const config of [minimalConfig, bootlessConfig]) {
      const options = { recursive: true, preserveTimestamps: true, verbatimSymlinks: true };
      await cp(join(testHome(), 'masters', config), join(home, 'masters', config), options);
    }
    await cp(join(testHome(), 'test-configs'), join(folder, 'configs'), { recursive: true });
    await chmod(join(home, 'masters'), 0o711);
    await exec('chown', ['--recursive', 'nobody', folder]);
    expect((await asMember(['create-keys'])).exitCode).toBe(0);
  });
  afterAll(async () => {
    await host?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  /** Runs katavm on the libvirt of the system as a user who is nobody but in this group, under the strictest umask. The checkout may lie where only root can pass. */
  async function asMember(args: readonly string[]) {
    const member = ['setpriv', '--reuid=nobody', '--regid=nogroup', '--groups=libvirt,kvm'];
    const variables = {
      ...environment(home),
      KATAVM_CONFIGS: join(folder, 'configs'),
      LIBVIRT_DEFAULT_URI: 'qemu:///system',
      HOME: folder,
      PATH: process.env['PATH'],
    };
    const env = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const show =
      'mkdir "$1/checkout" && touch "$1/node" && mount --bind "$2" "$1/checkout" && mount --bind "$3" "$1/node" && shift 3 && umask 077 && exec "$@"';
    const shown = ['unshare', '--mount', 'sh', '-c', show, 'sh', join(folder, 'shown'), checkout, process.execPath];
    await rm(join(folder, 'shown'), { recursive: true, force: true });
    await mkdir(join(folder, 'shown'));
    const program = [join(folder, 'shown/node'), join(folder, 'shown/checkout/packages/cli/dist/bin/katavm.js')];
    const [command = '', ...words] = [...host.within, ...shown, ...member, 'env', '-i', ...env, ...program, ...args];
    return exec(command, words, { acceptExitCodes: Array.from({ length: 256 }, (_, code) => code) });
  }

  test('runs a command in a clone on qemu:///system, whatever the umask', async () => {
    const { exitCode, stdout, stderr } = await asMember(['run', minimalConfig, '--', 'hostname']);
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^minimal-[0-9a-f]{10}$/) });
    expect(await readdir(join(home, 'clones'))).toEqual([]);
  });

  test('is shown the console of a guest that did not boot, although root’s libvirt writes it', async () => {
    const { exitCode, stderr } = await asMember(['run', bootlessConfig, '--boot-timeout', '15s', '--', 'true']);
    expect(exitCode, stderr).toBe(125);
    expect(stderr).toContain('Kernel panic');
  });

  test('can have memory images: the memory’s file is made for the user whom QEMU runs as', async () => {
    const { stdout } = await asMember(['doctor']);
    expect(stdout).toMatch(/^ok +home: a guest started from .*\/home$/m);
    expect(stdout).toMatch(/^ok +templates: a memory image was taken and restored$/m);
    expect(await readdir(join(home, 'templates'))).toEqual([]);
  });

  test('is told which folder keeps QEMU out of a home, by doctor and by a run', async () => {
    await chmod(folder, 0o700);
    try {
      const doctor = await asMember(['doctor']);
      expect(doctor.exitCode, doctor.stdout).not.toBe(0);
      expect(doctor.stdout).toMatch(/^failed +home: /m);
      const run = await asMember(['run', minimalConfig, '--', 'true']);
      for (const text of [doctor.stdout, run.stderr])
        expect(text).toContain(`cannot pass through ${folder} (mode 0700): chmod o+x`);
    } finally {
      await chmod(folder, 0o755);
    }
  });
});
