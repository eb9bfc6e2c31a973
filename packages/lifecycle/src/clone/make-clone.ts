import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import type { VmConfig } from '@katavm/config';
import { ExitCode, KatavmError, systemErrorCode, timePart, trackStep, type UndoStack, type VmName, withLock } from '@katavm/core';
import { resolveAcceleration } from '../acceleration/resolve-acceleration.js';
import type { Context } from '../context/context.js';
import { generationLockName } from '../gc/collect-old-generations.js';
import { writeIdentityDisk } from '../identity/identity-disk.js';
import { randomMacAddress } from '../identity/mac-address.js';
import { type CloneRecord, writeCloneRecord } from '../state/clone-record.js';
import { currentGeneration, type Generation } from '../state/generations.js';
import { cloneFiles, cloneSpec } from './clone-domain.js';
import { generationBoot } from './generation-boot.js';
import { removeOwnDomain } from './remove-domain.js';

export interface MakeCloneInput {
  readonly config: VmConfig;
  readonly name: VmName;
  readonly purpose: CloneRecord['purpose'];
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
  const generation = await currentGeneration(context.state, config.name);
  const [hypervisor, acceleration] = await Promise.all([
    context.connect(config.vm.uri, signal),
    resolveAcceleration(context, config.vm.acceleration, generationBoot(generation), signal),
  ]);
  return trackStep(context.emit, 'clone', name, async () => {
    const directory = context.state.clone(name);
    await makeFolder(directory, name);
    undo.push(`clone folder ${directory}`, () => rm(directory, { recursive: true, force: true }));
    const record = await fillFolder(context, input, generation);
    undo.push(`domain ${name}`, () => removeOwnDomain(hypervisor, context.state, name));
    const spec = cloneSpec(context, config, record, generation, acceleration);
    await timePart(context.emit, 'define', () => hypervisor.define(spec));
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

async function fillFolder(context: Context, input: MakeCloneInput, generation: Generation): Promise<CloneRecord> {
  const { config, name, purpose, signal } = input;
  const { keys, libvirt } = context.adapters;
  const files = cloneFiles(context.state.clone(name));
  const backing = { path: generation.disk, format: 'qcow2' as const };
  const [key, hostKey] = await Promise.all([
    keys.readKeyPair(context.state.key(config.keys.name), signal),
    keys.generateHostKey(signal),
    timePart(context.emit, 'overlay', () => libvirt.createOverlay({ path: files.disk, backing, signal })),
  ]);
  const record: CloneRecord = {
    version: 1,
    name,
    config: config.name,
    generation: generation.manifest.generation,
    purpose,
    uri: config.vm.uri,
    uuid: randomUUID(),
    macAddress: randomMacAddress(),
    network: config.vm.network,
    user: generation.manifest.guest.user,
    keyPath: key.path,
    hostKey: hostKey.publicKey,
    created: new Date().toISOString(),
    owner: context.owner,
  };
  const identity = { hostname: name, user: record.user, hostKey, authorizedKeys: [key.publicKey] };
  await Promise.all([writeIdentityDisk(files.identity, identity, {}, signal), writeCloneRecord(context.state, record)]);
  return record;
}
