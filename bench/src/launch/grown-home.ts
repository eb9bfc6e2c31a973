import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec, type UndoStack } from '@katavm/core';
import { fillDisk } from '../master.js';
import { type SealedFile, sealedFile } from '../sealed-file.js';
import { type Environment, katavm } from './katavm.js';

const mebibyte = 1024 ** 2;

/** A generation, as far as it matters for a disk that has grown. */
interface Shown {
  readonly directory: string;
  readonly manifest: {
    readonly generation: string;
    readonly created: string;
    readonly disk: SealedFile & { readonly virtualSizeBytes: number };
    readonly boot: { readonly kernel?: SealedFile; readonly initrd?: SealedFile };
  };
}

/**
 * The environment of a katavm home of the benchmark's own, with the config's master of the usual home, and so much data in its disk: what
 * is missing lies behind the guest's file systems, on a disk that is as much larger. `undefined` where the master has more than that.
 */
export async function makeGrownHome(
  config: string,
  gibibytes: number,
  parent: string,
  undo: UndoStack,
  signal: AbortSignal,
): Promise<Environment | undefined> {
  const shown = JSON.parse(await katavm(['master', 'show', config, '--json'], {}, signal)) as Shown;
  if (shown.manifest.disk.bytes > gibibytes * 1024 * mebibyte) return undefined;
  const home = await mkdtemp(join(parent, 'katavm-bench-'));
  undo.push('home', () => rm(home, { recursive: true, force: true }));
  await chmod(home, 0o711); // QEMU's user has to pass
  const env = { KATAVM_HOME: home };
  await katavm(['create-keys'], env, signal);
  const master = join(home, 'masters', config);
  await mkdir(join(master, shown.manifest.generation), { recursive: true, mode: 0o711 });
  await copyGeneration(shown, join(master, shown.manifest.generation), gibibytes * 1024, signal);
  await symlink(shown.manifest.generation, join(master, 'current'));
  return env;
}

async function copyGeneration(
  { directory, manifest }: Shown,
  folder: string,
  mebibytes: number,
  signal: AbortSignal,
): Promise<void> {
  const { disk, boot, created } = manifest;
  for (const { file } of [disk, boot.kernel, boot.initrd].filter((each) => each !== undefined)) {
    await copyFile(join(directory, file), join(folder, file), constants.COPYFILE_FICLONE);
  }
  const path = join(folder, disk.file);
  await chmod(path, 0o644); // it is sealed
  const missing = Math.ceil(mebibytes - disk.bytes / mebibyte);
  const offsetMebibytes = disk.virtualSizeBytes / mebibyte;
  const virtualSizeBytes = disk.virtualSizeBytes + mebibytes * mebibyte; // fillDisk's last piece, too
  await exec('qemu-img', ['resize', '-q', '-f', 'qcow2', path, String(virtualSizeBytes)], { signal });
  await fillDisk(path, { offsetMebibytes, mebibytes: missing }, signal);
  await chmod(path, 0o444);
  await utimes(path, new Date(created), new Date(created));
  const grown = { ...manifest, disk: { ...(await sealedFile(folder, disk.file)), virtualSizeBytes } };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(grown));
}
