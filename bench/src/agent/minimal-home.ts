import { chmod, copyFile, mkdir, mkdtemp, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec, type UndoStack } from '@katavm/core';
import { sealedFile } from '../sealed-file.js';

const checkout = join(import.meta.dirname, '..', '..', '..');
const generation = '20260101T000000Z-000000000000';
const created = new Date('2026-01-01T00:00:00Z');
const minutes = { timeoutMilliseconds: 600_000 };

/**
 * The environment of a katavm home of the benchmark's own, with a key and the tests' minimal guest as the master `minimal`.
 *
 * @param diskFrom A disk to take in place of the guest's own, which it does not look at: so a master can have any size.
 */
export async function makeMinimalHome(
  parent: string,
  undo: UndoStack,
  signal: AbortSignal,
  diskFrom?: string,
): Promise<Record<string, string>> {
  const home = await mkdtemp(join(parent, 'katavm-bench-'));
  undo.push('home', () => rm(home, { recursive: true, force: true }));
  await chmod(home, 0o711); // QEMU's user has to pass
  const env = { KATAVM_HOME: home, KATAVM_SITE: '', KATAVM_CONFIGS: join(home, 'configs'), KATAVM_JENKINS_FILE: '' };
  const source = join(checkout, 'e2e/minimal-guest');
  await mkdir(join(home, 'configs/minimal'), { recursive: true });
  await copyFile(join(source, 'config/katavm.yaml'), join(home, 'configs/minimal/katavm.yaml'));
  await exec(join(checkout, 'tools/katavm'), ['create-keys'], { env, signal });
  const master = join(home, 'masters/minimal');
  const folder = join(master, generation);
  await mkdir(folder, { recursive: true, mode: 0o711 });
  await exec(join(source, 'make-minimal-guest'), [folder], { ...minutes, signal });
  const disk = join(folder, 'disk.qcow2');
  if (diskFrom !== undefined) await rename(diskFrom, disk);
  await chmod(disk, 0o444);
  await utimes(disk, created, created);
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(await manifestOf(folder)));
  await symlink(generation, join(master, 'current'));
  return env;
}

/** Removes what a run that was cut off has left. */
export async function collectGarbage(env: Readonly<Record<string, string>>): Promise<void> {
  await exec(join(checkout, 'tools/katavm'), ['gc'], { env });
}

async function manifestOf(folder: string): Promise<object> {
  const zeroes = '0'.repeat(64);
  const [disk, kernel, initrd] = await Promise.all(['disk.qcow2', 'kernel', 'initrd'].map((file) => sealedFile(folder, file)));
  const commandLine = 'console=ttyS0 quiet cryptomgr.notests no_timer_check mitigations=off';
  return {
    ...{ version: 1, config: 'minimal', generation, created: created.toISOString(), inputDigest: zeroes, cloudInit: 'done' },
    ...{
      base: { origin: 'minimal guest', sha256: zeroes },
      guest: { user: 'jenkins', hostname: 'minimal-master' },
      katavm: '0.0.0',
    },
    disk: { ...disk, virtualSizeBytes: 16 * 1024 ** 2 },
    boot: { kind: 'kernel', kernel, initrd, commandLine },
  };
}
