import { mkdir, rm } from 'node:fs/promises';
import type { VmConfig } from '@katavm/config';
import { allEnded, trackStep, type UndoStack, withLock, withUndo } from '@katavm/core';
import type { Hypervisor } from '@katavm/libvirt';
import { removeOwnDomain } from '../clone/remove-domain.js';
import type { Context } from '../context/context.js';
import { writeIdentityDisk } from '../identity/identity-disk.js';
import type { Generation } from '../state/generations.js';
import { settleGuest } from '../wake/wake-guest.js';
import { templateName } from './find-template.js';
import { freezeTemplate } from './freeze-template.js';
import { planTemplateGuest, type TemplateGuest } from './plan-template-guest.js';
import { removeTemplate } from './remove-template.js';
import { partialName, readTemplate, type Template, templateFiles } from './template-folder.js';
import { templateUnavailable } from './template-unavailable.js';
import { saveAndEnd, warmGuest } from './warm-guest.js';

export interface TakeTemplateInput {
  readonly config: VmConfig;
  readonly generation: Generation;
  /** Takes it again where it is there. */
  readonly force: boolean;
}

/** As a cold clone's. */
const bootTimeoutMilliseconds = 600_000;

/**
 * Boots a clone of a generation with an identity and a login key that are thrown away, and keeps its memory at the moment at which
 * it is ready. A kill leaves a folder without a record, and a domain that libvirt has ended: gc takes both.
 */
export async function takeTemplate(
  context: Context,
  input: TakeTemplateInput,
  signal: AbortSignal,
): Promise<{ readonly template: Template; readonly taken: boolean }> {
  const { config } = input;
  return withLock(context.state.lock(templateLockName(config.name)), { signal }, async () => {
    const hypervisor = await context.connect(config.vm.uri, signal);
    const guest = await planTemplateGuest(context, input, hypervisor, signal);
    const name = templateName(guest.key);
    const found = await readTemplate(context.state, config.name, name);
    if (found && found.record.altered === undefined && !input.force) return { template: found, taken: false };
    if (found && !(await removeTemplate(context, config.name, name))) {
      throw templateUnavailable(`the disk of a clone still stands on the memory image ${name}`, config.name);
    }
    const template = await withUndo(context.emit, (undo) => take(context, input, guest, hypervisor, undo, signal));
    return { template, taken: true };
  });
}

/** Held while a config's template is taken; gc takes it, without waiting, before it judges a folder to be left over. */
export function templateLockName(config: string): string {
  return `template-${config}`;
}

async function take(
  context: Context,
  { config, generation }: TakeTemplateInput,
  guest: TemplateGuest,
  hypervisor: Hypervisor,
  undo: UndoStack,
  signal: AbortSignal,
): Promise<Template> {
  const { spec, key, record } = guest;
  const directory = context.state.template(config.name, templateName(key));
  const partial = context.state.template(config.name, partialName);
  undo.push(`template folder ${partial}`, () => rm(partial, { recursive: true, force: true }));
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o711 });
  const hostKey = await fillFolder(context, guest, generation, partial, signal);
  await hypervisor.prepareImage(partial, spec.memory);
  undo.push(`domain ${spec.name}`, () => removeOwnDomain(hypervisor, context.state, spec.name));
  await hypervisor.define(spec);
  const start = () => trackStep(context.emit, 'start', spec.name, () => hypervisor.start(spec.name, { dieWithUs: true }));
  const { network, macAddress, user, keyPath } = record;
  const { name, consoleLog } = spec;
  const emulated = spec.acceleration === 'tcg';
  const timeoutMilliseconds = bootTimeoutMilliseconds;
  const found = { hypervisor, name, network, macAddress, user, keyPath, hostKey, emulated, start, consoleLog };
  await warmGuest(context, { ...found, timeoutMilliseconds, signal });
  return trackStep(context.emit, 'take memory image', config.name, async () => {
    // On user networking each clone has a network of its own, with the same address in it.
    const link = network.kind === 'user' ? 'up' : 'down';
    await settleGuest({ name, socketPath: templateFiles(partial).guest.wake, link, signal, emit: context.emit });
    await saveAndEnd(hypervisor, name, partial);
    return freezeTemplate(partial, directory, { config: config.name, generation: record.generation, key }, signal);
  });
}

/** Overlay, login key and identity. Returns the host key by which the guest is recognised. */
async function fillFolder(
  context: Context,
  { record }: TemplateGuest,
  generation: Generation,
  partial: string,
  signal: AbortSignal,
): Promise<string> {
  const { keys, libvirt } = context.adapters;
  const { disk, guest } = templateFiles(partial);
  const [, login, hostKey] = await allEnded([
    libvirt.createOverlay({ path: disk, backing: { path: generation.disk, format: 'qcow2' }, signal }),
    keys.createKeyPair({ path: guest.loginKey, signal }),
    keys.generateHostKey(),
  ]);
  const identity = { hostname: record.name, user: record.user, hostKey, authorizedKeys: [login.publicKey] };
  await writeIdentityDisk(guest.identity, identity, {}, signal);
  return hostKey.publicKey;
}
