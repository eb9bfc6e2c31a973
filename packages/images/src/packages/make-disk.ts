import { randomUUID } from 'node:crypto';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Emit, exec, isKatavmError, trackStep } from '@katavm/core';
import { diskFull } from '../cache/disk-full.js';
import type { MadeBase } from '../cache/store-entry.js';
import { inspectDisk } from '../disk/inspect-disk.js';
import { diskScript } from './disk-script.js';
import type { Recipe } from './recipe.js';
import { toolsPath } from './tools.js';
import { isOrdinaryUser } from './work-directory.js';

/** Descriptors 3, 4 and 5, inherited by all that follows. */
const withFiles = 'exec 3<>"$1" 4>"$2" 5>"$3"; shift 3; exec "$@"';

/** Makes disk.qcow2, kernel and initrd in `partial` from the finished tree. */
export async function makeDisk(
  recipe: Recipe,
  tree: string,
  partial: string,
  emit: Emit,
  signal?: AbortSignal,
): Promise<MadeBase> {
  const uuid = randomUUID();
  const disk = 'disk.qcow2';
  const facts = await trackStep(emit, 'make disk', recipe.name, () =>
    tellDiskFull(partial, async () => {
      const raw = join(partial, 'disk.raw');
      await writeFileSystem(tree, uuid, [raw, join(partial, 'kernel'), join(partial, 'initrd')], signal);
      await exec('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, join(partial, disk)], { signal });
      await rm(raw);
      return await inspectDisk(join(partial, disk), recipe.name, signal);
    }),
  );
  return {
    ...{ origin: recipe.name, disk, ...facts, fileNames: [disk, 'kernel', 'initrd'] },
    commandLine: `root=UUID=${uuid} rw console=${recipe.architecture.serialConsole}`,
    about: {
      architecture: recipe.architecture.name,
      rootUuid: uuid,
      sources: recipe.sources,
      packages: recipe.packages,
    },
  };
}

async function writeFileSystem(
  tree: string,
  uuid: string,
  files: readonly [string, string, string],
  signal?: AbortSignal,
): Promise<void> {
  await writeFile(files[0], '');
  // Its folder lets nobody else in.
  await chmod(files[0], 0o666);
  const inNamespace = isOrdinaryUser() ? ['mmdebstrap', '--unshare-helper'] : [];
  const script = ['sh', '-c', diskScript, 'katavm', tree, uuid];
  await exec('sh', ['-c', withFiles, 'katavm', ...files, ...inNamespace, ...script], { env: { PATH: toolsPath() }, signal });
}

async function tellDiskFull<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const said = isKatavmError(error) ? String(error.details['stderr']) : '';
    throw /No space left on device|Disk quota exceeded/.test(said) ? diskFull(directory, 'the disk does not fit', error) : error;
  }
}
