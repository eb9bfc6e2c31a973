import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';

const source = join(import.meta.dirname, '..', 'minimal-guest');
export const minimalConfig = 'minimal';
const generation = '20260101T000000Z-000000000000';
const created = '2026-01-01T00:00:00.000Z';

/**
 * Lays down a master of the minimal guest, as docs/state-directory.md describes one. It boots in a few seconds, emulated,
 * where a whole Debian takes most of a minute; it has no cloud-init, so it cannot be built by steps 2 and 3.
 */
export async function layMinimalMaster(home: string): Promise<void> {
  await layConfig(home);
  const directory = join(home, 'masters', minimalConfig, generation);
  if (await stat(join(directory, 'manifest.json')).catch(() => undefined)) return;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o711 });
  await exec(join(source, 'make-minimal-guest'), [directory]);
  const disk = join(directory, 'disk.qcow2');
  await chmod(disk, 0o444);
  await utimes(disk, new Date(created), new Date(created));
  const manifest = {
    version: 1,
    config: minimalConfig,
    generation,
    created,
    inputDigest: '0'.repeat(64),
    base: { origin: 'minimal guest', sha256: '0'.repeat(64) },
    disk: { ...(await describe(directory, 'disk.qcow2')), virtualSizeBytes: 16 * 1024 ** 2 },
    boot: {
      kind: 'kernel',
      kernel: await describe(directory, 'kernel'),
      initrd: await describe(directory, 'initrd'),
      commandLine: 'console=ttyS0 quiet cryptomgr.notests no_timer_check mitigations=off',
    },
    guest: { user: 'jenkins', hostname: 'minimal-master' },
    cloudInit: 'done',
    katavm: '0.0.0',
  };
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
  const current = join(home, 'masters', minimalConfig, 'current');
  await rm(current, { force: true });
  await symlink(generation, current);
}

async function layConfig(home: string): Promise<void> {
  const folder = join(home, 'test-configs', minimalConfig);
  await mkdir(folder, { recursive: true });
  await copyFile(join(source, 'config', 'katavm.yaml'), join(folder, 'katavm.yaml'));
}

async function describe(directory: string, file: string) {
  const content = await readFile(join(directory, file));
  return { file, sha256: createHash('sha256').update(content).digest('hex'), bytes: content.length };
}
