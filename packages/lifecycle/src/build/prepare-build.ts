import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Seed } from '@katavm/cloudinit';
import { inputDigest, maskCredentials, type VmConfig } from '@katavm/config';
import { toVmName, trackStep, type UndoStack } from '@katavm/core';
import type { PreparedBase } from '@katavm/images';
import { resolveAcceleration } from '../acceleration/resolve-acceleration.js';
import type { Context } from '../context/context.js';
import { writeIdentityDisk } from '../identity/identity-disk.js';
import { randomMacAddress } from '../identity/mac-address.js';
import { guestFolder } from '../package.js';
import { nameGeneration, partialSuffix } from '../state/generations.js';
import type { StateDirectory } from '../state/state-directory.js';
import { discardPartial } from './build-vm.js';
import { composeCheckedSeed } from './compose-seed.js';
import { type PartialBuild, partialFiles, readPartialBuild, writePartialBuild } from './partial-build.js';

export interface PreparedBuild {
  readonly build: PartialBuild;
  readonly directory: string;
  /** What cloud-init is told to install, to be checked in the guest. */
  readonly packages: readonly string[];
}

export interface PrepareInput {
  readonly config: VmConfig;
  readonly base: PreparedBase;
  readonly digest: string;
  readonly undo: UndoStack;
  readonly signal: AbortSignal;
}

/** Everything that the build's VM needs, in `<generation>.partial`. */
export async function prepareBuild(context: Context, input: PrepareInput): Promise<PreparedBuild> {
  const { config, base, undo, signal } = input;
  const { state, adapters, emit } = context;
  const seed = await composeCheckedSeed(context, config, signal);
  const key = await adapters.keys.readKeyPair(state.key(config.keys.name), signal);
  const acceleration = await resolveAcceleration(context, config.vm.acceleration, base, signal);
  const created = new Date(Math.floor(Date.now() / 1000) * 1000);
  const generation = nameGeneration(created, input.digest);
  const directory = state.generation(config.name, generation + partialSuffix);
  const files = partialFiles(directory);

  undo.push(`build folder ${directory}`, () => discardPartial(directory));
  await mkdir(directory, { recursive: true, mode: 0o711 });
  // Those of a build that failed in this very second may be there.
  await mkdir(files.logs, { recursive: true, mode: 0o700 });
  const hostKey = await adapters.keys.generateHostKey();
  await trackStep(emit, 'prepare build', generation, async () => {
    const backing = { path: base.disk, format: base.format };
    await adapters.libvirt.createOverlay({ path: files.disk, backing, size: config.vm.disk, signal });
    await adapters.cloudinit.writeSeed(files.seed, seed, signal);
    const { hostname, user } = config.guest;
    const identity = { hostname, user, hostKey, authorizedKeys: [key.publicKey] };
    await writeIdentityDisk(files.identity, identity, await guestPart(), signal);
  });
  const build: PartialBuild = {
    version: 1,
    config: config.name,
    generation,
    created: created.toISOString(),
    inputDigest: input.digest,
    base: { origin: base.origin, sha256: base.sha256 },
    boot: base.boot,
    backing: { path: base.disk, format: base.format },
    domain: {
      name: buildName(config.name),
      uuid: randomUUID(),
      macAddress: randomMacAddress(),
    },
    hostKey: hostKey.publicKey,
    keyPath: key.path,
    acceleration,
    phase: 'prepared',
  };
  await writePartialBuild(directory, build);
  return { build, directory, packages: seed.packages };
}

function buildName(config: string): string {
  return toVmName(config, `-build-${randomUUID().slice(0, 8)}`);
}

/** The guest's own part of katavm, which the build's identity disk brings along. */
async function guestPart(): Promise<Record<string, string>> {
  const names = [
    'install.sh',
    'identity.sh',
    'katavm-identity.service',
    'wake.py',
    'katavm-wake.service',
    '70-katavm-wake.rules',
  ];
  const entries = names.map(async (name) => [name, await readFile(join(guestFolder, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Everything that goes into a master: the config with its files, what cloud-init is told, the base's content, and katavm's own
 * part of the guest. The seed counts by itself, since a site's cloudinit package adds to it what no config names.
 *
 * @param seed Composed with a constant instance-id.
 */
export async function digestOfBuild(config: VmConfig, base: PreparedBase, seed: Seed): Promise<string> {
  const hash = createHash('sha256')
    .update(await inputDigest(config))
    .update(maskCredentials(JSON.stringify(seed)))
    .update(base.sha256);
  for (const name of (await readdir(guestFolder)).sort()) hash.update(name).update(await readFile(join(guestFolder, name)));
  return hash.digest('hex');
}

/** The build that step 2 left for step 3, newest first. */
export async function findInstalledBuild({ state }: Context, config: string): Promise<FoundBuild | undefined> {
  return (await listPartialBuilds(state, config)).find(({ build }) => build.phase === 'installed');
}

export interface FoundBuild {
  readonly build: PartialBuild;
  readonly directory: string;
}

/** The unfinished builds of a config, newest first: those that run, that wait for step 3, or that a killed process left. */
export async function listPartialBuilds(state: StateDirectory, config: string): Promise<FoundBuild[]> {
  const names = await readdir(state.master(config)).catch(() => []);
  const directories = names
    .filter((entry) => entry.endsWith(partialSuffix))
    .sort()
    .reverse()
    .map((name) => state.generation(config, name));
  const builds = await Promise.all(
    directories.map(async (directory) => ({ build: await readPartialBuild(directory), directory })),
  );
  return builds.flatMap(({ build, directory }) => (build ? { build, directory } : []));
}
