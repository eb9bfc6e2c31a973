import { EventEmitter, once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec, ignoreEvents, parseVmName } from '@katavm/core';
import { adapter } from '@katavm/libvirt';
import { describe, expect, test } from 'vitest';
import { bin, environment, katavm, testHome } from './harness/katavm.js';
import { traces } from './harness/traces.js';

const config = 'minimal';
const name = 'minimal-clone';
const result = (text: string) => JSON.parse(text) as Record<string, unknown>;

describe.sequential('steps 4, 5 and 7', () => {
  test('step 4, run twice, makes one clean clone', async () => {
    expect(result((await katavm(['clone-vm', config, '--json'])).stdout)).toMatchObject({ clone: name, created: true });
    expect(result((await katavm(['clone-vm', config, '--json'])).stdout)).toMatchObject({ clone: name, created: false });
  });

  test('a plan is printed, and nothing is done', async () => {
    const plan = result((await katavm(['delete-clone', config, '--dry-run', '--json'])).stdout);
    expect(plan).toMatchObject({
      dryRun: true,
      plan: expect.arrayContaining([{ action: 'destroy and undefine domain', subject: name }]),
    });
    expect((await katavm(['clone', 'list'])).stdout).toContain(name);
  });

  test('step 5 starts it and opens a shell on a terminal, whose exit code is ours', async () => {
    const login = await inTerminal(['login-clone', config], 'test -t 0 && hostname; echo used >/data/used; exit 6\n');
    expect(login.stdout).toContain(name);
    expect(login.exitCode).toBe(6);
  });

  test('step 5 comes back to the same clone, which still runs', async () => {
    const again = await inTerminal(['login-clone', config], 'cat /data/used; exit\n');
    expect(again.stdout).toContain('used');
  });

  test('step 5 without a terminal runs what its input says, and ends with it', async () => {
    const script = await katavm(['login-clone', config], { input: 'cat /data/used; exit 5\n' });
    expect(script).toMatchObject({ exitCode: 5, stdout: 'used' });
    expect((await katavm(['login-clone', config])).exitCode).toBe(0);
  });

  test('step 4 refuses to hand out a clone that was used, and replaces it with --force', async () => {
    const refused = await katavm(['clone-vm', config]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain('KATAVM_CLONE_EXISTS');
    expect(result((await katavm(['clone-vm', config, '--force', '--json'])).stdout)).toMatchObject({ created: true });
  });

  test("libvirt's own record says whose domain it is", async () => {
    const { stdout } = await exec('virsh', ['-c', libvirtUri, 'metadata', name, 'urn:katavm:domain:1']);
    for (const word of [config, name, 'kept', testHome()]) expect(stdout).toContain(word);
  });

  test('libvirt tells when the network card of a guest that boots is up', async () => {
    const hypervisor = await adapter.connect({ uri: libvirtUri, emit: ignoreEvents });
    try {
      const event = ['--event', 'NIC_RX_FILTER_CHANGED', '--timeout', '240'];
      const qemuSays = exec('virsh', ['-c', libvirtUri, 'qemu-monitor-event', '--domain', name, ...event]);
      const told = new EventEmitter();
      const isUp = once(told, 'up');
      const deafen = await hypervisor.listen(parseVmName(name), { changed: () => {}, networkUp: () => told.emit('up') });
      await hypervisor.start(parseVmName(name), { dieWithUs: true });
      // What could not listen would have told as much.
      const [said] = await Promise.all([qemuSays, isUp]);
      expect(said.stdout).toContain('NIC_RX_FILTER_CHANGED');
      deafen();
    } finally {
      await hypervisor.close();
    }
  });

  test('step 7, run twice, deletes it and nothing else', async () => {
    await katavm(['clone-vm', config, '--name', 'minimal-other']);
    expect(await katavm(['delete-clone', config])).toMatchObject({ exitCode: 0, stdout: `deleted ${name}` });
    expect(await katavm(['delete-clone', config])).toMatchObject({ exitCode: 0, stdout: `no clone ${name}` });
    expect((await katavm(['clone', 'list'])).stdout).toContain('minimal-other');
    await katavm(['delete-clone', config, '--name', 'minimal-other']);
    expect(await traces(config)).toEqual([]);
  });

  test('a rotated key opens the next clone, and no master is built again', async () => {
    const publicKey = join(testHome(), 'keys', 'katavm.pub');
    const before = await readFile(publicKey, 'utf8');
    await katavm(['create-keys', '--force']);
    expect(await readFile(publicKey, 'utf8')).not.toBe(before);
    expect((await katavm(['run', config, '--', 'echo', 'in'])).stdout).toBe('in');
  });

  test("a domain of somebody else's with a clone's name is left alone", async () => {
    const xml = `<domain type='qemu'><name>${name}</name><memory unit='MiB'>16</memory><os><type>hvm</type></os></domain>`;
    const file = join(testHome(), 'foreign.xml');
    await writeFile(file, xml);
    await exec('virsh', ['-c', libvirtUri, 'define', file]);
    try {
      const made = await katavm(['clone-vm', config]);
      expect(made.exitCode).toBe(1);
      expect(made.stderr).toMatch(/KATAVM_DOMAIN_(EXISTS|FOREIGN)/);
      await katavm(['delete-clone', config]);
      await katavm(['gc']);
      expect((await exec('virsh', ['-c', libvirtUri, 'list', '--all', '--name'])).stdout).toContain(name);
    } finally {
      await exec('virsh', ['-c', libvirtUri, 'undefine', name]);
    }
    expect(await traces(config)).toEqual([]);
  });
});

const libvirtUri = process.env['LIBVIRT_DEFAULT_URI'] ?? (process.getuid?.() === 0 ? 'qemu:///system' : 'qemu:///session');

/** Runs katavm on a terminal of its own, as script(1) gives one, and types `keys` once the guest's shell listens. */
function inTerminal(args: readonly string[], keys: string) {
  const command = [process.execPath, bin, ...args].join(' ');
  const everyCode = Array.from({ length: 256 }, (_, code) => code);
  return exec('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    input: keys,
    env: environment(testHome()),
    acceptExitCodes: everyCode,
  });
}
