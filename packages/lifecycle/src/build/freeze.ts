import { chmod, copyFile, mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { VmConfig } from '@katavm/config';
import { trackStep, type UndoStack, withUndo } from '@katavm/core';
import type { Context } from '../context/context.js';
import { katavmVersion } from '../package.js';
import { digestFile } from '../state/digest-file.js';
import { type Generation, makeCurrent } from '../state/generations.js';
import { writeJson } from '../state/json-file.js';
import type { Manifest, ManifestFile } from '../state/manifest.js';
import { type BuildVm, discardPartial } from './build-vm.js';
import { type PartialBuild, partialFiles } from './partial-build.js';

/**
 * Makes a generation of a sealed, powered-off build: its disk in one file without a backing file, read-only, with the
 * digests of everything in the manifest. The folder's rename and the swap of `current` are the moments it comes to be.
 */
export async function freeze(
  context: Context,
  config: VmConfig,
  { build, directory: partial, disk: builtDisk, java }: Pick<BuildVm, 'build' | 'directory' | 'disk'> & Pick<Manifest, 'java'>,
  signal: AbortSignal,
): Promise<Generation> {
  const freezing = (undo: UndoStack) => async () => {
    const sealed = `${partial}.sealed`;
    undo.push(`sealed generation ${sealed}`, () => discardPartial(sealed));
    await discardPartial(sealed);
    await mkdir(sealed, { mode: 0o711 });
    const disk = join(sealed, 'disk.qcow2');
    await context.adapters.libvirt.flatten({ from: builtDisk, to: disk, emit: context.emit, signal });
    const manifest = { ...(await describe(context, config, build, sealed, disk)), ...(java && { java }) };
    await rename(partialFiles(partial).logs, join(sealed, 'logs'));
    await protect(disk, manifest.created);
    await writeJson(join(sealed, 'manifest.json'), manifest);
    await syncFolder(sealed);

    const directory = context.state.generation(config.name, build.generation);
    await rename(sealed, directory);
    await syncFolder(dirname(directory));
    await makeCurrent(context.state, config.name, build.generation);
    await rm(partial, { recursive: true, force: true });
    return { directory, disk: join(directory, manifest.disk.file), manifest };
  };
  return withUndo(context.emit, (undo) => trackStep(context.emit, 'freeze', build.generation, freezing(undo)));
}

async function describe(
  context: Context,
  config: VmConfig,
  build: PartialBuild,
  folder: string,
  disk: string,
): Promise<Manifest> {
  const { virtualSizeBytes } = await context.adapters.libvirt.imageInfo(disk);
  return {
    version: 1,
    config: config.name,
    generation: build.generation,
    created: build.created,
    inputDigest: build.inputDigest,
    base: build.base,
    disk: { ...(await describeFile(disk)), virtualSizeBytes },
    boot: await describeBoot(build, folder),
    guest: { user: config.guest.user, hostname: config.guest.hostname },
    cloudInit: build.cloudInit ?? 'done',
    katavm: katavmVersion,
  };
}

async function describeBoot(build: PartialBuild, folder: string): Promise<Manifest['boot']> {
  const { boot } = build;
  if (boot.kind === 'disk') return boot;
  const kernel = await bring(boot.kernel, join(folder, 'kernel'));
  const initrd = boot.initrd === undefined ? undefined : await bring(boot.initrd, join(folder, 'initrd'));
  return { kind: 'kernel', kernel, initrd, commandLine: boot.commandLine };
}

async function bring(from: string, to: string): Promise<ManifestFile> {
  await copyFile(from, to);
  await chmod(to, 0o444);
  return describeFile(to);
}

async function describeFile(path: string): Promise<ManifestFile> {
  const [sha256, { size }] = await Promise.all([digestFile(path), stat(path)]);
  return { file: basename(path), sha256, bytes: size };
}

/** Read-only, and dated: a clone compares the date, so that a later write shows without reading the disk. */
async function protect(disk: string, created: string): Promise<void> {
  await chmod(disk, 0o444);
  await syncFile(disk);
  await utimes(disk, new Date(created), new Date(created));
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

const syncFolder = syncFile;
