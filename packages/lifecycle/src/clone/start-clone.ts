import { parseVmName, type VmName } from '@katavm/core';
import type { Hypervisor } from '@katavm/libvirt';
import type { GuestSession } from '@katavm/ssh-agent-runner';
import type { Context } from '../context/context.js';
import { timedStep } from '../start/timed-step.js';
import { type CloneRecord, writeCloneRecord } from '../state/clone-record.js';
import { takeBootTurn } from './boot-turn.js';
import { cloneFiles } from './clone-domain.js';
import { type ReachInput, reachGuest } from './reach-guest.js';

/** A guest that takes longer than this to its SSH banner will not come. Emulated guests need 40 to 60 s, eight at once six times that. */
const bootTimeoutMilliseconds = 600_000;

export interface StartCloneInput {
  readonly record: CloneRecord;
  /** This process has just made it, so that it cannot run yet. Default: libvirt is asked whether it does. */
  readonly justMade?: boolean;
  /** libvirt destroys it when this process ends, however it ends. */
  readonly dieWithUs: boolean;
  /** Whose end it dies with. Default: the context's. */
  readonly hypervisor?: Hypervisor;
  readonly bootTimeoutMilliseconds?: number | undefined;
  readonly signal: AbortSignal;
}

/** Starts a clone, or lets one that was paused or halted run on, and connects to it. Emulated guests boot in turns. */
export async function startClone(context: Context, input: StartCloneInput): Promise<GuestSession> {
  const { record, signal } = input;
  const name = parseVmName(record.name);
  const hypervisor = input.hypervisor ?? (await context.connect(record.uri, signal));
  if (!input.justMade && (await runsOn(hypervisor, name))) return reach(context, input, hypervisor);
  const turn =
    record.acceleration === 'tcg' ? await takeBootTurn(context.state, name, { emit: context.emit, signal }) : undefined;
  try {
    await writeCloneRecord(context.state, { ...record, started: record.started ?? new Date().toISOString() });
    const { dieWithUs } = input;
    const start = () => timedStep(context, 'start', name, () => hypervisor.start(name, { dieWithUs }));
    return await reach(context, input, hypervisor, start);
  } finally {
    await turn?.end();
  }
}

/** False where there is nothing that could run on. */
async function runsOn(hypervisor: Hypervisor, name: VmName): Promise<boolean> {
  const state = await hypervisor.state(name);
  if (state === 'running') return true;
  if (state !== 'paused' && state !== 'halted') return false;
  await hypervisor.resume(name);
  return true;
}

function reach(
  context: Context,
  input: StartCloneInput,
  hypervisor: Hypervisor,
  start?: ReachInput['start'],
): Promise<GuestSession> {
  const { record, signal } = input;
  const name = parseVmName(record.name);
  return reachGuest(context, {
    hypervisor,
    name,
    network: record.network,
    macAddress: record.macAddress,
    user: record.user,
    keyPath: record.keyPath,
    hostKey: record.hostKey,
    emulated: record.acceleration === 'tcg',
    start,
    consoleLog: cloneFiles(context.state.clone(name)).console,
    timeoutMilliseconds: input.bootTimeoutMilliseconds ?? bootTimeoutMilliseconds,
    signal,
  });
}
