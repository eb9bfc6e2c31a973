import { randomInt } from 'node:crypto';
import type { VmConfig } from '@katavm/config';
import { isKatavmError, messageOf, parseVmName } from '@katavm/core';
import type { Hypervisor } from '@katavm/libvirt';
import type { GuestSession } from '@katavm/ssh-agent-runner';
import { noticeTcg } from '../acceleration/resolve-acceleration.js';
import { cloneFiles } from '../clone/clone-domain.js';
import { deleteClone } from '../clone/delete-clone.js';
import { endJob } from '../clone/job-lock.js';
import type { Context } from '../context/context.js';
import { type ClaimedClone, claimClone } from '../pool/claim.js';
import { fitOf, isTooOld } from '../pool/fit.js';
import { listReady, type ReadyClone } from '../pool/pool-folder.js';
import { currentGeneration } from '../state/generations.js';
import { wakeGuest } from '../wake/wake-guest.js';
import type { QuickStart, StartInput } from './start-outcome.js';
import { timedStep } from './timed-step.js';

/** A clone that was booted ahead of time, and paused (docs/pool.md). */
export const claimPooled: QuickStart = async (context, input) => {
  const { config, undo, signal } = input;
  // It opens while a clone is looked for.
  const connecting = context.connect(config.vm.uri, signal);
  connecting.catch(() => {}); // whoever needs it meets the failure
  const claimed = await claimOne(context, config, signal);
  if ('unavailable' in claimed) return claimed;
  const { record, lock, lifeline } = claimed;
  const name = parseVmName(record.name);
  const before = undo.height;
  undo.push(`lock of ${name}`, () => endJob(context.state, name, lock));
  undo.push(`lifeline of ${name}`, () => lifeline.release());
  undo.push(`clone ${name}`, () => deleteClone(context, name, record.uri));
  try {
    await input.onClone(record);
    const session = await handOut(context, await connecting, claimed, input);
    return { record, session, lock, start: 'pooled' };
  } catch (error) {
    await undo.unwind(before);
    if (signal.aborted || !isKatavmError(error)) throw error;
    return { unavailable: `${name} of the pool was there and could not be used: ${messageOf(error)}` };
  }
};

/** Any that fits, in a random order: ten jobs that come at once do not all try for the same one first. */
async function claimOne(
  context: Context,
  config: VmConfig,
  signal: AbortSignal,
): Promise<ClaimedClone | { readonly unavailable: string }> {
  const { manifest } = await currentGeneration(context.state, config.name);
  const [fits, ready] = await Promise.all([fitOf(context, config, manifest.generation), listReady(context.state, config.name)]);
  const fitting = ready.filter((each) => each.fits === fits && !isTooOld(each, config));
  for (const candidate of shuffle(fitting)) {
    const claimed = await claimClone(context, candidate, signal);
    if (claimed) return claimed;
  }
  const unfit = ready.length - fitting.length;
  const others = unfit === 0 ? '' : `; ${unfit} that wait are too old, or made of something else than ${config.name} is now`;
  return { unavailable: `the pool has no clone of ${config.name} ready (katavm pool status)${others}` };
}

function shuffle(list: readonly ReadyClone[]): ReadyClone[] {
  const shuffled = [...list];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other] as ReadyClone, shuffled[last] as ReadyClone];
  }
  return shuffled;
}

/** Lets it run on, and sets its clock, which stood still, while the SSH connection is opened: neither needs the other. */
async function handOut(
  context: Context,
  hypervisor: Hypervisor,
  { record, ready }: ClaimedClone,
  { signal, config }: StartInput,
): Promise<GuestSession> {
  const name = parseVmName(record.name);
  const { user, keyPath: privateKeyPath, hostKey } = record;
  await timedStep(context, 'resume', name, () => hypervisor.resume(name));
  if (record.acceleration === 'tcg') noticeTcg(context, `${config.name} was emulated when ${name} was started`);
  return timedStep(context, 'wake', name, async () => {
    const emulated = record.acceleration === 'tcg';
    const connecting = context.adapters.ssh.connect({ address: ready.address, user, privateKeyPath, hostKey, emulated, signal });
    try {
      const socketPath = cloneFiles(context.state.clone(name)).wake;
      await Promise.all([connecting, wakeGuest({ name, socketPath, signal, emit: context.emit })]);
    } catch (error) {
      connecting.then(
        (session) => session.close(),
        () => {}, // it is the failure, or comes too late to be one
      );
      throw error;
    }
    return connecting;
  });
}
