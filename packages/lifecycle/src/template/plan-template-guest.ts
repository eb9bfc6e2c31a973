import { randomUUID } from 'node:crypto';
import type { VmConfig } from '@katavm/config';
import { toVmName } from '@katavm/core';
import type { DomainSpec, Hypervisor } from '@katavm/libvirt';
import { resolveAcceleration } from '../acceleration/resolve-acceleration.js';
import { cloneSpec } from '../clone/clone-domain.js';
import { generationBoot } from '../clone/generation-boot.js';
import type { Context } from '../context/context.js';
import { randomMacAddress } from '../identity/mac-address.js';
import type { CloneRecord } from '../state/clone-record.js';
import type { Generation } from '../state/generations.js';
import { partialName, templateFiles } from './template-folder.js';
import { type TemplateKey, templateKey } from './template-key.js';

/** A guest from whose memory others will go on: nothing of it is anybody's. */
export interface TemplateGuest {
  readonly record: CloneRecord;
  readonly spec: DomainSpec;
  readonly key: TemplateKey;
}

/** The guest's domain, which differs from a clone's in where its files are, and the key that follows from it. */
export async function planTemplateGuest(
  context: Context,
  { config, generation }: { readonly config: VmConfig; readonly generation: Generation },
  hypervisor: Hypervisor,
  signal: AbortSignal,
): Promise<TemplateGuest> {
  const acceleration = await resolveAcceleration(context, config.vm.acceleration, generationBoot(generation), signal);
  const name = toVmName(config.name, `-template-${randomUUID().slice(0, 8)}`);
  const record: CloneRecord = {
    version: 1,
    name,
    config: config.name,
    generation: generation.manifest.generation,
    purpose: 'job',
    uri: config.vm.uri,
    uuid: randomUUID(),
    macAddress: randomMacAddress(),
    acceleration,
    network: config.vm.network,
    user: generation.manifest.guest.user,
    keyPath: '',
    hostKey: '',
    created: new Date().toISOString(),
    owner: context.owner,
  };
  const clone = cloneSpec(context, config, record, generation, true);
  const key = await templateKey(hypervisor, clone, record.generation);
  const directory = context.state.template(config.name, partialName);
  const { disk, guest } = templateFiles(directory);
  const [root, identity] = clone.disks as [DomainSpec['disks'][0], DomainSpec['disks'][0]];
  const spec: DomainSpec = {
    ...clone,
    machine: key['machine type'],
    disks: [
      { ...root, path: disk },
      { ...identity, path: guest.identity },
    ],
    consoleLog: guest.console,
    wakeSocket: guest.wake,
    image: { folder: directory, use: 'take' },
    metadata: { ...clone.metadata, purpose: 'template' },
  };
  return { record: { ...record, keyPath: guest.loginKey }, spec, key };
}
