import { chmod, cp, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type KatavmRun, katavm, testHome, withHome } from './harness/katavm.js';
import { traces } from './harness/traces.js';
import { minimalConfig } from './setup/minimal-master.js';

const minimal = 'base: {path: ./disk.qcow2}\nvm: {vcpus: 1, memory: 192MiB}\n';
let folder: string;

beforeAll(async () => {
  folder = join(testHome(), 'bad-configs');
});

/** A config with this katavm.yaml, and the files beside it. */
async function configOf(name: string, yaml: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const path = join(folder, name);
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  await writeFile(join(path, 'katavm.yaml'), yaml);
  await writeFile(join(path, 'disk.qcow2'), '');
  for (const [file, text] of Object.entries(files)) await writeFile(join(path, file), text);
  return path;
}

function expectRefusal(result: KatavmRun, exitCode: number, code: string): void {
  expect(result, result.stderr).toMatchObject({ exitCode, stdout: '' });
  expect(result.stderr).toContain(`error[${code}]`);
  expect(result.stderr).toMatch(/^hint: \S/m);
  expect(result.stderr).not.toMatch(/^\s+at .+:\d+:\d+/m);
}

const userData = (text: string) =>
  configOf('user-data', `version: 1\n${minimal}cloudInit: {userData: user-data}\n`, { 'user-data': text });

describe('bad input is refused before anything starts, with its own code and a hint', () => {
  test('a config that does not exist', async () => {
    expectRefusal(await katavm(['config', 'validate', 'debain13']), 4, 'KATAVM_CONFIG_NOT_FOUND');
  });

  test('an unknown key, with its line and the nearest known one', async () => {
    const refused = await katavm(['config', 'validate', await configOf('key', `version: 1\n${minimal}gest: {user: me}\n`)]);
    expectRefusal(refused, 2, 'KATAVM_CONFIG_UNKNOWN_KEY');
    expect(refused.stderr).toMatch(/katavm\.yaml:4: .*"gest"; did you mean "guest"\?/);
  });

  test('a config that extends itself, with every line on the way round', async () => {
    const config = await configOf('cycle', 'version: 1\nextends: ./more.yaml\n', { 'more.yaml': 'version: 1\nextends: .\n' });
    const refused = await katavm(['config', 'validate', config]);
    expectRefusal(refused, 2, 'KATAVM_CONFIG_EXTENDS_CYCLE');
    expect(refused.stderr).toMatch(/katavm\.yaml:2\n.*more\.yaml:2$/m);
  });

  test('a Debian release that the mirror does not have, with the one that was meant', async () => {
    const config = await configOf('release', 'version: 1\nbase: {packages: {suite: trixy}}\n');
    const refused = await katavm(['master', 'build', config]);
    expectRefusal(refused, 1, 'KATAVM_BASE_SUITE_MISSING');
    expect(refused.stderr).toContain('did you mean "trixie"?');
  });

  test.each([
    ['is not YAML', '#cloud-config\nusers: [', 'KATAVM_USER_DATA_NOT_YAML'],
    ['is not a cloud-config', '#!/bin/sh\necho hello\n', 'KATAVM_USER_DATA_NOT_CLOUD_CONFIG'],
    ['breaks the schema of cloud-config', '#cloud-config\npackages: jq\n', 'KATAVM_USER_DATA_INVALID'],
    ['defines the user that katavm owns', '#cloud-config\nusers:\n  - name: jenkins\n', 'KATAVM_USER_DATA_REDEFINES_USER'],
  ])('user-data that %s', async (_, text, code) => {
    expectRefusal(await katavm(['config', 'validate', await userData(text)]), 2, code);
  });

  test('a hostname that DNS refuses', async () => {
    const config = await configOf('hostname', `version: 1\n${minimal}guest: {hostname: -bad_name-}\n`);
    expectRefusal(await katavm(['config', 'validate', config]), 2, 'KATAVM_CONFIG_INVALID');
  });

  test('a clone name that libvirt or DNS refuses', async () => {
    for (const name of ['-x', 'a b', 'a;b', '../up', '12', 'x'.repeat(64)]) {
      expectRefusal(await katavm(['clone-vm', 'minimal', `--name=${name}`]), 2, 'KATAVM_NAME_INVALID');
    }
  });

  test('more processors, or more memory, than the host has', async () => {
    const processors = await configOf('processors', 'version: 1\nbase: {path: ./disk.qcow2}\nvm: {vcpus: 5000}\n');
    expectRefusal(await katavm(['master', 'build', processors]), 2, 'KATAVM_CONFIG_VCPUS_EXCEED_HOST');
    const memory = await configOf('memory', 'version: 1\nbase: {path: ./disk.qcow2}\nvm: {vcpus: 1, memory: 900TiB}\n');
    expectRefusal(await katavm(['master', 'build', memory]), 2, 'KATAVM_CONFIG_MEMORY_EXCEED_HOST');
    // Of a config whose master is there, asked for by this host's site file since.
    const site = join(testHome(), 'large-site.yaml');
    const KATAVM_SITE = site;
    await writeFile(site, 'vm: {vcpus: 5000}\n');
    expectRefusal(await katavm(['clone-vm', 'minimal'], { env: { KATAVM_SITE } }), 2, 'KATAVM_CONFIG_VCPUS_EXCEED_HOST');
    await writeFile(site, 'vm: {memory: 900TiB}\n');
    expectRefusal(
      await katavm(['run', 'minimal', '--', 'true'], { env: { KATAVM_SITE } }),
      125,
      'KATAVM_CONFIG_MEMORY_EXCEED_HOST',
    );
  });

  test('a file to copy that is missing', async () => {
    const yaml = `version: 1\n${minimal}complete: {files: [{source: none.toml, target: /etc/none.toml}]}\n`;
    expectRefusal(await katavm(['config', 'validate', await configOf('file', yaml)]), 2, 'KATAVM_CONFIG_FILE_MISSING');
  });

  test('a base that is no disk image', async () => {
    const config = await configOf('base', `version: 1\n${minimal}`, { 'disk.qcow2': '<!DOCTYPE html><title>404</title>' });
    const refused = await katavm(['master', 'build', config]);
    expect(refused.stderr).toMatch(/error\[KATAVM_BASE_/);
    expect(refused.exitCode).not.toBe(0);
  });

  test('a master that is not built', async () => {
    expectRefusal(await katavm(['clone-vm', 'fedora']), 4, 'KATAVM_MASTER_NOT_BUILT');
    expectRefusal(await katavm(['run', 'fedora', '--', 'true']), 125, 'KATAVM_MASTER_NOT_BUILT');
    expectRefusal(await katavm(['complete-base-image', 'fedora']), 4, 'KATAVM_NOTHING_TO_COMPLETE');
  });

  test('a libvirt that does not run', async () => {
    const env = { LIBVIRT_DEFAULT_URI: 'qemu+unix:///system?socket=/nonexistent/libvirt-sock' };
    expectRefusal(await katavm(['clone-vm', 'minimal'], { env }), 3, 'KATAVM_LIBVIRT_UNREACHABLE');
  });

  test('a run without a command, and a command that katavm does not know', async () => {
    expectRefusal(await katavm(['run', 'minimal']), 125, 'KATAVM_RUN_COMMAND_MISSING');
    expectRefusal(await katavm(['mastre', 'list']), 2, 'KATAVM_USAGE');
  });

  test('--json says the same to a program', async () => {
    const refused = await katavm(['clone-vm', 'fedora', '--json']);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      schemaVersion: 1,
      error: { code: 'KATAVM_MASTER_NOT_BUILT', hint: 'katavm master build fedora' },
    });
  });
});

describe('doctor', () => {
  const findings = async (args: readonly string[], env = {}) => {
    const run = await katavm(['doctor', ...args, '--json'], { env });
    const rows = (JSON.parse(run.stdout) as { findings: { check: string; state: string; mend?: string }[] }).findings;
    return { exitCode: run.exitCode, rows };
  };

  test('has a row for each precondition, and a way to mend whatever is not well', async () => {
    const { exitCode, rows } = await findings([minimalConfig]);
    expect(exitCode).toBe(0);
    for (const check of everyCheck) expect(rows.map((row) => row.check)).toContain(check);
    for (const row of rows) if (row.state !== 'ok') expect(row.mend, row.check).toMatch(/\S/);
  });

  test('names the command that installs each program that a host lacks, and ends with 3', async () => {
    const { exitCode, rows } = await findings([], { PATH: '/nonexistent' });
    expect(exitCode).toBe(3);
    const lacking = rows.filter(({ state, mend }) => state === 'failed' && /(apt-get|dnf) install/.test(mend ?? ''));
    expect(lacking.map(({ check }) => check)).toEqual(expect.arrayContaining(['virsh', 'QEMU', 'qemu-img', 'xorriso']));
    expect(rows.find(({ check }) => check === 'mmdebstrap')).toMatchObject({ state: 'warning' });
  });
});

const everyCheck = [
  ...['virsh', 'QEMU', 'qemu-img', 'xorriso', 'ssh-keygen', 'flock', 'mmdebstrap', 'mkfs.ext4', 'xz'],
  ...['libvirt connection', 'network', '/dev/kvm rights', 'KVM runs a kernel', 'nested virtualisation'],
  ...['disk space', 'memory', 'processors'],
];

describe('a generation whose disk was altered', () => {
  const home = () => join(testHome(), 'altered-home');

  beforeAll(async () => {
    await mkdir(home(), { recursive: true, mode: 0o711 });
    await cp(join(testHome(), 'masters'), join(home(), 'masters'), {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
      filter: (path) => !/\/masters\/(?!minimal(\/|$))/.test(path),
    });
    await cp(join(testHome(), 'test-configs'), join(home(), 'test-configs'), { recursive: true });
    await withHome(home(), ['create-keys']);
    return () => rm(home(), { recursive: true, force: true });
  });

  test('is not cloned after a write that anyone can see', async () => {
    expect((await withHome(home(), ['master', 'verify', 'minimal'])).exitCode).toBe(0);
    await flipByte({ hide: false });
    expectRefusal(await withHome(home(), ['clone-vm', 'minimal']), 1, 'KATAVM_GENERATION_ALTERED');
  });

  test('is found by its digest where size and time were put back', async () => {
    // The bit that the test before changed goes back, and then changes again.
    await flipByte({ hide: true });
    expect((await withHome(home(), ['master', 'verify', 'minimal'])).exitCode).toBe(0);
    await flipByte({ hide: true });
    expectRefusal(await withHome(home(), ['master', 'verify', 'minimal']), 1, 'KATAVM_GENERATION_ALTERED');
    expect(await traces('minimal')).toEqual([]);
  });

  /** Changes the middle byte of the disk; `hide` puts the modification time back. */
  async function flipByte({ hide }: { readonly hide: boolean }): Promise<void> {
    const disk = join(home(), 'masters/minimal/current/disk.qcow2');
    const manifest = JSON.parse(await readFile(join(home(), 'masters/minimal/current/manifest.json'), 'utf8')) as {
      created: string;
    };
    const content = await readFile(disk);
    const middle = content.length >> 1;
    content[middle] = (content[middle] ?? 0) ^ 1;
    await chmod(disk, 0o644);
    await writeFile(disk, content);
    await chmod(disk, 0o444);
    if (hide) await utimes(disk, new Date(manifest.created), new Date(manifest.created));
  }
});
