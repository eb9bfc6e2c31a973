import { createHash } from 'node:crypto';
import { chmod, copyFile, link, mkdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';

const source = join(import.meta.dirname, '..', 'minimal-guest');
export const minimalConfig = 'minimal';
/** The same guest, which asks the network for its address: user networking always gives the other one the same. */
export const dhcpConfig = 'minimal-dhcp';
/** The same guest, whose kernel finds no init: it panics, and says nothing to anybody. */
export const bootlessConfig = 'minimal-bootless';
/** The same guest, with a login user that its sshd refuses whatever the key. */
export const refusingConfig = 'minimal-refusing';
/** The same guest, with a login user whose shell runs no command and says so on stdout: nologin. */
export const printingConfig = 'minimal-printing';
/** The same guest, whose build is said to have found Java 17. */
export const oldJavaConfig = 'minimal-java17';
const generation = '20260101T000000Z-000000000000';
const created = '2026-01-01T00:00:00.000Z';
const guestFiles = ['kernel', 'initrd', 'disk.qcow2'];
const commandLine = 'console=ttyS0 quiet cryptomgr.notests no_timer_check mitigations=off';

/**
 * Lays down the masters of the minimal guest, as docs/state-directory.md describes one. It boots in a few seconds, emulated,
 * where a whole Debian takes most of a minute; it has no cloud-init, so it cannot be built by steps 2 and 3.
 */
export async function layMinimalMaster(home: string): Promise<void> {
  await layMaster(home, minimalConfig, {}, makeGuest);
  const made = join(home, 'masters', minimalConfig, generation);
  const link = (directory: string) => linkGuest(made, directory);
  await layMaster(home, dhcpConfig, { kernelCommandLine: `${commandLine} katavm.net=dhcp` }, link);
  await layMaster(home, bootlessConfig, { kernelCommandLine: `${commandLine} rdinit=/none` }, link);
  await layMaster(home, refusingConfig, { user: 'refused' }, link);
  await layMaster(home, printingConfig, { user: 'sshd' }, link);
  const java = [{ program: 'java', path: '/usr/lib/jvm/java-17-openjdk-amd64/bin/java', version: '17.0.15' }];
  await layMaster(home, oldJavaConfig, { java }, link);
}

interface MasterOptions {
  readonly kernelCommandLine?: string;
  readonly user?: string;
  /** What its build found. Default: it did not look. */
  readonly java?: readonly object[];
}

/** The master of a minimal guest that was made elsewhere: in this folder. */
export async function layMinimalGuest(home: string, made: string): Promise<void> {
  await layMaster(home, minimalConfig, {}, (directory) => copyGuest(made, directory));
}

async function layMaster(
  home: string,
  config: string,
  { kernelCommandLine = commandLine, user = 'jenkins', java }: MasterOptions,
  fill: (directory: string) => Promise<void>,
): Promise<void> {
  await layConfig(join(home, 'test-configs', config));
  const master = join(home, 'masters', config);
  const directory = join(master, generation);
  if (await stat(join(directory, 'manifest.json')).catch(() => undefined)) return;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o711 });
  await fill(directory);
  const manifest = {
    version: 1,
    config,
    generation,
    created,
    inputDigest: '0'.repeat(64),
    base: { origin: 'minimal guest', sha256: '0'.repeat(64) },
    disk: { ...(await describe(directory, 'disk.qcow2')), virtualSizeBytes: 16 * 1024 ** 2 },
    boot: {
      kind: 'kernel',
      kernel: await describe(directory, 'kernel'),
      initrd: await describe(directory, 'initrd'),
      commandLine: kernelCommandLine,
    },
    guest: { user, hostname: 'minimal-master' },
    java,
    cloudInit: 'done',
    katavm: '0.0.0',
  };
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
  const current = join(master, 'current');
  await rm(current, { force: true });
  await symlink(generation, current);
}

async function makeGuest(directory: string): Promise<void> {
  await exec(join(source, 'make-minimal-guest'), [directory]);
  await sealDisk(directory);
}

async function copyGuest(from: string, to: string): Promise<void> {
  await Promise.all(guestFiles.map((file) => copyFile(join(from, file), join(to, file))));
  await sealDisk(to);
}

async function sealDisk(directory: string): Promise<void> {
  const disk = join(directory, 'disk.qcow2');
  await chmod(disk, 0o444);
  await utimes(disk, new Date(created), new Date(created));
}

/** Nothing writes a master's files: one copy serves all. */
async function linkGuest(from: string, to: string): Promise<void> {
  await Promise.all(guestFiles.map((file) => link(join(from, file), join(to, file))));
}

/** The minimal guest's config, in a folder that gives it its name. */
export async function layConfig(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await copyFile(join(source, 'config', 'katavm.yaml'), join(folder, 'katavm.yaml'));
}

async function describe(directory: string, file: string) {
  const content = await readFile(join(directory, file));
  return { file, sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}
