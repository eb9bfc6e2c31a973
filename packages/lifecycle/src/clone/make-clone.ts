import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import type { VmConfig } from '@katavm/config';
import {
  allEnded,
  ExitCode,
  KatavmError,
  systemErrorCode,
  timePart,
  trackStep,
  type UndoStack,
  type VmName,
  withLock,
} from '@katavm/core';
import type { BackingFile, DomainSpec, Hypervisor } from '@katavm/libvirt';
import { type Acceleration, resolveAcceleration } from '../acceleration/resolve-acceleration.js';
import type { Context } from '../context/context.js';
import { generationLockName } from '../gc/collect-old-generations.js';
import { assertFitsHost } from '../host/assert-fits-host.js';
import { writeIdentityDisk } from '../identity/identity-disk.js';
import { randomMacAddress } from '../identity/mac-address.js';
import { type CloneRecord, writeCloneRecord } from '../state/clone-record.js';
import { currentGeneration, type Generation } from '../state/generations.js';
import { cloneFiles, cloneSpec } from './clone-domain.js';
import { generationBoot } from './generation-boot.js';
import { removeOwnDomain } from './remove-domain.js';

/** A template, as far as a clone needs to know of it. */
export interface CloneOrigin {
  readonly template: string;
  /** The disk that the clone's is an overlay of. */
  readonly backing: BackingFile;
  /** The clone's domain, as it must be to go on from there; called when its files are there. */
  adapt(spec: DomainSpec): Promise<DomainSpec>;
}

/** Called with the domain that the clone would boot in. */
export type FindOrigin = (planned: DomainSpec, hypervisor: Hypervisor) => Promise<CloneOrigin>;

export interface MakeCloneInput {
  readonly config: VmConfig;
  readonly name: VmName;
  readonly purpose: CloneRecord['purpose'];
  /** What it goes on from, in place of booting. What this throws is thrown before anything of the clone exists. */
  readonly findOrigin?: FindOrigin;
  /** It is to be paused, and has what wakes it. Default: it boots for its job, and has not. */
  readonly canBeWoken?: boolean;
  readonly undo: UndoStack;
  readonly signal: AbortSignal;
}

/**
 * A defined, never started clone of the config's current generation: an overlay, an identity, a domain. Takes
 * milliseconds, and 200 KB, whatever the master's size.
 *
 * @throws KATAVM_MASTER_NOT_BUILT, KATAVM_GENERATION_ALTERED, KATAVM_CLONE_EXISTS.
 */
export async function makeClone(context: Context, input: MakeCloneInput): Promise<CloneRecord> {
  // Shared with other clones; gc, which removes generations, has to wait until the record says which one is used.
  return withLock(context.state.lock(generationLockName(input.config.name)), { mode: 'shared', signal: input.signal }, () =>
    makeCloneOfCurrent(context, input),
  );
}

async function makeCloneOfCurrent(context: Context, input: MakeCloneInput): Promise<CloneRecord> {
  const { config, name, undo, signal } = input;
  // The master may have been built before its config, or this host's site file, asked for more.
  assertFitsHost(config);
  const generation = await currentGeneration(context.state, config.name);
  const [hypervisor, acceleration] = await Promise.all([
    context.connect(config.vm.uri, signal),
    resolveAcceleration(context, config.vm.acceleration, generationBoot(generation), signal),
  ]);
  const planned = planRecord(context, input, generation, acceleration);
  const origin = await input.findOrigin?.(cloneSpec(context, config, planned, generation, input.canBeWoken ?? false), hypervisor);
  return trackStep(context.emit, 'clone', name, async () => {
    const directory = context.state.clone(name);
    await makeFolder(directory, name);
    undo.push(`clone folder ${directory}`, () => rm(directory, { recursive: true, force: true }));
    const backing = origin?.backing ?? { path: generation.disk, format: 'qcow2' };
    const record = await fillFolder(context, input, { ...planned, template: origin?.template }, backing);
    undo.push(`domain ${name}`, () => removeOwnDomain(hypervisor, context.state, name));
    const spec = cloneSpec(context, config, record, generation, input.canBeWoken ?? false);
    await timePart(context.emit, 'define', async () => hypervisor.define(origin ? await origin.adapt(spec) : spec));
    return record;
  });
}

async function makeFolder(directory: string, name: VmName): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o711 });
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    throw cloneExists(name);
  }
}

export function cloneExists(name: VmName): KatavmError {
  return new KatavmError({
    code: 'KATAVM_CLONE_EXISTS',
    message: `there is a clone "${name}" already`,
    hint: `katavm clone delete ${name}`,
    exitCode: ExitCode.failed,
  });
}

/** All that is known of a clone before anything of it exists; its keys come with its folder. */
function planRecord(
  context: Context,
  { config, name, purpose }: MakeCloneInput,
  { manifest }: Generation,
  acceleration: Acceleration,
): CloneRecord {
  return {
    version: 1,
    name,
    config: config.name,
    generation: manifest.generation,
    purpose,
    uri: config.vm.uri,
    uuid: randomUUID(),
    macAddress: randomMacAddress(),
    acceleration,
    network: config.vm.network,
    user: manifest.guest.user,
    keyPath: context.state.key(config.keys.name),
    hostKey: '',
    created: new Date().toISOString(),
    owner: context.owner,
  };
}

async function fillFolder(
  context: Context,
  { signal }: MakeCloneInput,
  planned: CloneRecord,
  backing: BackingFile,
): Promise<CloneRecord> {
  const { keys, libvirt } = context.adapters;
  const directory = context.state.clone(planned.name);
  const files = cloneFiles(directory);
  // The disk first: of several that find no room, the first one's words are told.
  const [, key, hostKey] = await allEnded([
    timePart(context.emit, 'overlay', () => libvirt.createOverlay({ path: files.disk, backing, signal })),
    keys.readKeyPair(planned.keyPath, signal),
    keys.generateHostKey(),
  ]);
  const record: CloneRecord = { ...planned, keyPath: key.path, hostKey: hostKey.publicKey };
  const identity = { hostname: record.name, user: record.user, hostKey, authorizedKeys: [key.publicKey] };
  await allEnded([writeIdentityDisk(files.identity, identity, {}, signal), writeCloneRecord(context.state, record)]);
  return record;
}
