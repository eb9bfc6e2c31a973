import { constants, copyFile, rm } from 'node:fs/promises';
import type { VmConfig } from '@katavm/config';
import { hasCode, throwIfAborted, trackStep, type UndoStack, withLock, withUndo } from '@katavm/core';
import type { PreparedBase } from '@katavm/images';
import { askJava } from '../agent/ask-java.js';
import { assertJava } from '../agent/assert-java.js';
import { configuredNeed } from '../agent/java-record.js';
import type { Context } from '../context/context.js';
import { findCurrent, type Generation } from '../state/generations.js';
import type { Manifest } from '../state/manifest.js';
import { takeTemplateForBuild } from '../template/take-for-build.js';
import { type BuildVm, bootBuildVm, powerOffBuildVm } from './build-vm.js';
import { checkPackages } from './check-packages.js';
import { complete } from './complete.js';
import { composeSeed } from './compose-seed.js';
import { followCloudInit } from './follow-cloud-init.js';
import { freeze } from './freeze.js';
import { type PartialBuild, partialFiles, writePartialBuild } from './partial-build.js';
import { digestOfBuild, findInstalledBuild, prepareBuild } from './prepare-build.js';
import { seal } from './seal.js';

export interface BuildInput {
  readonly config: VmConfig;
  /** Builds again what is there. */
  readonly force: boolean;
  /** Fetches or builds the base again, too. */
  readonly refreshBase: boolean;
}

/** Steps 2 and 3 in one go, without a power cycle between them. Returns the generation that is there where nothing changed. */
export async function buildMaster(
  context: Context,
  input: BuildInput,
  signal: AbortSignal,
): Promise<{ readonly generation: Generation; readonly built: boolean }> {
  const { config } = input;
  const { base, digest } = await prepareInputs(context, input, signal);
  const result = await withBuildLock(context, digest, signal, async () => {
    const found = await findCurrent(context.state, config.name);
    if (found?.manifest.inputDigest === digest && !input.force) {
      assertBuiltJava(config, found.manifest);
      return { generation: found, built: false };
    }
    const generation = await withUndo(context.emit, async (undo) => {
      const { vm } = await install(context, config, base, digest, undo, signal);
      return finish(context, config, vm, signal);
    });
    return { generation, built: true };
  });
  await takeTemplateForBuild(context, config, result.generation, signal);
  return result;
}

/**
 * Step 2: a VM in which cloud-init has done its work, powered off, in `<generation>.partial`. Not built again where it is
 * there, or where a master has been made of it.
 */
export async function buildBaseImage(
  context: Context,
  input: BuildInput,
  signal: AbortSignal,
): Promise<{ readonly generation: string; readonly built: boolean }> {
  const { config } = input;
  const { base, digest } = await prepareInputs(context, input, signal);
  return withBuildLock(context, digest, signal, async () => {
    const found = input.force ? undefined : await findBuilt(context, config.name, digest);
    if (found) return { generation: found, built: false };
    const build = await withUndo(context.emit, async (undo) => {
      const { vm } = await install(context, config, base, digest, undo, signal);
      await powerOffBuildVm(context, vm, signal);
      return vm.build;
    });
    return { generation: build.generation, built: true };
  });
}

/** The generation that this digest belongs to: one that waits for step 3, or the current one. */
async function findBuilt(context: Context, config: string, digest: string): Promise<string | undefined> {
  const installed = await findInstalledBuild(context, config);
  if (installed?.build.inputDigest === digest) return installed.build.generation;
  const current = await findCurrent(context.state, config);
  return current?.manifest.inputDigest === digest ? current.manifest.generation : undefined;
}

/** Step 3, for what step 2 left. `undefined` where it left nothing, or where another process has just completed it. */
export async function completeBaseImage(
  context: Context,
  config: VmConfig,
  signal: AbortSignal,
): Promise<Generation | undefined> {
  const pending = await findInstalledBuild(context, config.name);
  if (!pending) return undefined;
  const generation = await withBuildLock(context, pending.build.inputDigest, signal, async () => {
    const found = await findInstalledBuild(context, config.name);
    if (found?.build.generation !== pending.build.generation) return undefined;
    return withUndo(context.emit, async (undo) => {
      const { build, directory } = found;
      const disk = await copyInstalledDisk(context, directory, undo, signal);
      const vm = await bootBuildVm(context, { config, build, directory, disk, undo, signal });
      return finish(context, config, vm, signal);
    });
  });
  if (generation) await takeTemplateForBuild(context, config, generation, signal);
  return generation;
}

/**
 * The disk that step 3 works on: what step 2 left stays as it is, so that an attempt that fails leaves nothing to the next. A copy
 * (a reflink where the file system can) of what lies above the base. Overlaying it would need it to be readable by QEMU's user.
 */
async function copyInstalledDisk(context: Context, directory: string, undo: UndoStack, signal: AbortSignal): Promise<string> {
  const { disk, attempt } = partialFiles(directory);
  undo.push(`attempt ${attempt}`, () => rm(attempt, { force: true }));
  await trackStep(context.emit, 'copy disk', attempt, () => copyFile(disk, attempt, constants.COPYFILE_FICLONE));
  throwIfAborted(signal);
  return attempt;
}

/** What a build starts from. User-data comes first: a mistake in it should not have to wait for a download. */
async function prepareInputs(
  context: Context,
  input: BuildInput,
  signal: AbortSignal,
): Promise<{ readonly base: PreparedBase; readonly digest: string }> {
  const { config } = input;
  const seed = await composeSeed(context.adapters, config, 'any');
  await ensureKey(context, config, signal);
  const base = await prepareBase(context, input, signal);
  return { base, digest: await digestOfBuild(config, base, seed) };
}

/** From a base to a running VM in which cloud-init has ended well. */
async function install(
  context: Context,
  config: VmConfig,
  base: PreparedBase,
  digest: string,
  undo: UndoStack,
  signal: AbortSignal,
): Promise<{ readonly vm: BuildVm }> {
  const { build, directory, packages } = await prepareBuild(context, { config, base, digest, undo, signal });
  const vm = await bootBuildVm(context, { config, build, directory, disk: partialFiles(directory).disk, undo, signal });
  const cloudInit = await followCloudInit(context, vm, config.cloudInit.timeout, signal);
  await checkPackages(context, vm, packages, signal);
  const installed: PartialBuild = { ...build, phase: 'installed', cloudInit };
  await writePartialBuild(directory, installed);
  return { vm: { ...vm, build: installed } };
}

/** Where the config says what it needs; that is no part of the digest, and may have changed since the master was built. */
function assertBuiltJava(config: VmConfig, { generation, java }: Pick<Manifest, 'generation' | 'java'>): void {
  const need = configuredNeed(config);
  if (need) assertJava({ config: config.name, generation, java }, { program: config.agent.java, need });
}

/** From there to a generation. */
async function finish(context: Context, config: VmConfig, vm: BuildVm, signal: AbortSignal): Promise<Generation> {
  await complete(context, vm, config, signal);
  const java = await askJava(context, vm.session, config.agent.java, signal);
  assertBuiltJava(config, { generation: vm.build.generation, java });
  await seal(context, vm, signal);
  await powerOffBuildVm(context, vm, signal);
  return freeze(context, config, { ...vm, java }, signal);
}

function prepareBase(context: Context, { config, refreshBase }: BuildInput, signal: AbortSignal): Promise<PreparedBase> {
  const { state, adapters, emit } = context;
  return trackStep(emit, 'base', config.name, () =>
    adapters.images.prepareBase({
      source: config.base,
      cacheDirectory: state.bases,
      lockDirectory: state.locks,
      refresh: refreshBase,
      emit,
      signal,
    }),
  );
}

/** A build makes the key where there is none: step 1 need not be run by hand. */
async function ensureKey(context: Context, config: VmConfig, signal: AbortSignal): Promise<void> {
  const path = context.state.key(config.keys.name);
  try {
    await context.adapters.keys.readKeyPair(path, signal);
  } catch (error) {
    if (!hasCode(error, 'KATAVM_KEY_MISSING')) throw error;
    await context.adapters.keys.createKeyPair({ path, type: config.keys.type, signal });
  }
}

/** Two builds of the same input: the second waits and finds the first's result. Different builds do not wait for each other. */
function withBuildLock<T>(context: Context, digest: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return withLock(context.state.lock(buildLockName(digest)), { signal }, work);
}

/** gc takes the same lock before it judges a folder to be left over. */
export function buildLockName(digest: string): string {
  return `build-${digest.slice(0, 12)}`;
}
