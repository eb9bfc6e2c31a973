import { isKatavmError, messageOf, parseVmName, trackStep, withUndo } from '@katavm/core';
import type { GuestSession } from '@katavm/ssh-agent-runner';
import { cloneFiles } from '../clone/clone-domain.js';
import { deleteClone } from '../clone/delete-clone.js';
import { endJob, holdJob } from '../clone/job-lock.js';
import { makeClone } from '../clone/make-clone.js';
import { reachGuest, sshPort } from '../clone/reach-guest.js';
import type { Context } from '../context/context.js';
import { type CloneRecord, writeCloneRecord } from '../state/clone-record.js';
import { templateOrigin } from '../template/template-origin.js';
import { wakeGuest } from '../wake/wake-guest.js';
import type { QuickStart, StartedClone, StartInput } from './start-outcome.js';
import { timedStep } from './timed-step.js';

/** A clone that goes on from the master's memory image. Whatever keeps it from doing so is a reason to boot one. */
export const startFromTemplate: QuickStart = async (context, input) => {
  const { undo, signal } = input;
  const height = undo.height;
  try {
    return await restoreClone(context, input);
  } catch (error) {
    await undo.unwind(height);
    if (signal.aborted || !isKatavmError(error) || !isOurs(error.code)) throw error;
    if (error.code === 'KATAVM_TEMPLATE_ALTERED') {
      context.emit({ type: 'notice', level: 'warning', code: error.code, message: `${error.message}; ${error.hint}` });
    }
    return { unavailable: messageOf(error) };
  }
};

/** A cold clone would meet these, too. */
const others = [
  'KATAVM_CONFIG_VCPUS_EXCEED_HOST',
  'KATAVM_CONFIG_MEMORY_EXCEED_HOST',
  'KATAVM_MASTER_NOT_BUILT',
  'KATAVM_GENERATION_ALTERED',
  'KATAVM_CLONE_EXISTS',
  'KATAVM_KEY_MISSING',
];
const isOurs = (code: string) => !others.includes(code);

async function restoreClone(context: Context, input: StartInput): Promise<StartedClone> {
  const { config, name, undo, signal } = input;
  const lock = await holdJob(context.state, name, { signal });
  undo.push(`lock of ${name}`, () => endJob(context.state, name, lock));
  const findOrigin = templateOrigin(context, { config: config.name, signal });
  const record = await withUndo(context.emit, (made) =>
    makeClone(context, { config, name, purpose: 'job', findOrigin, canBeWoken: true, undo: made, signal }),
  );
  undo.push(`clone ${name}`, () => deleteClone(context, name, config.vm.uri));
  await restore(context, record, signal);
  const session = await wakeAndReach(context, record, signal);
  // From here on it is a clone like any other: nobody has been told its address before.
  await input.onClone(record);
  return { record, session, lock, start: 'template' };
}

async function restore(context: Context, record: CloneRecord, signal: AbortSignal): Promise<void> {
  const name = parseVmName(record.name);
  const hypervisor = await context.connect(record.uri, signal);
  await writeCloneRecord(context.state, { ...record, started: new Date().toISOString() });
  const folder = context.state.template(record.config, record.template ?? '');
  await timedStep(context, 'restore', name, () => hypervisor.restore(name, { folder, dieWithUs: true }));
}

/**
 * The connection is opened as soon as it meets nothing any more that the image shares, beside the rest of the wake. The launch's part
 * `wake` ends there, and `handshake` begins.
 */
async function wakeAndReach(context: Context, record: CloneRecord, signal: AbortSignal): Promise<GuestSession> {
  const began = performance.now();
  const cut = new AbortController();
  let reaching: Promise<GuestSession> | undefined;
  const begin = () => {
    if (reaching) return reaching;
    context.emit({ type: 'timing', part: 'wake', milliseconds: performance.now() - began });
    reaching = reach(context, record, AbortSignal.any([signal, cut.signal]));
    reaching.catch(() => {}); // it is waited for in any case
    return reaching;
  };
  try {
    await wake(context, record, begin, signal);
    return await begin();
  } catch (error) {
    cut.abort(error);
    await reaching?.then(
      (session) => session.close(),
      () => {}, // it is the failure, or was cut
    );
    throw error;
  }
}

async function wake(context: Context, record: CloneRecord, onReachable: () => void, signal: AbortSignal): Promise<void> {
  const name = parseVmName(record.name);
  const hypervisor = await context.connect(record.uri, signal);
  await trackStep(context.emit, 'wake', name, async () => {
    await hypervisor.resume(name);
    const macAddress = record.network.kind === 'user' ? undefined : record.macAddress;
    const mend = { machineId: record.uuid.replaceAll('-', ''), macAddress };
    const { wake: socketPath } = cloneFiles(context.state.clone(name));
    // QEMU's forward is made meanwhile, and its port told to nobody.
    const forwarding = record.network.kind === 'user' ? hypervisor.forwardPort(name, sshPort) : Promise.resolve();
    const reachable = () => void forwarding.then(onReachable, () => {}); // its failure is the wake's
    const waking = wakeGuest({ name, socketPath, mend, onReachable: reachable, signal, emit: context.emit });
    await Promise.all([waking, forwarding]);
  });
}

/** Emulated, the handshake takes 2 s, on a crowded host 30; a lease from a DHCP server a few more. */
const reachTimeoutMilliseconds = 120_000;

async function reach(context: Context, record: CloneRecord, signal: AbortSignal): Promise<GuestSession> {
  const name = parseVmName(record.name);
  const { network, macAddress, user, keyPath, hostKey } = record;
  return reachGuest(context, {
    hypervisor: await context.connect(record.uri, signal),
    name,
    network,
    macAddress,
    user,
    keyPath,
    hostKey,
    emulated: record.acceleration === 'tcg',
    listens: true,
    consoleLog: cloneFiles(context.state.clone(name)).console,
    timeoutMilliseconds: reachTimeoutMilliseconds,
    signal,
  });
}
