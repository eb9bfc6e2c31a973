import type { VmConfig } from '@katavm/config';
import { KatavmError, type Lock, parseVmName, trackStep, type UndoStack, type VmName, withUndo } from '@katavm/core';
import type { SharedConnection } from '@katavm/libvirt';
import type { GuestAddress } from '@katavm/ssh-agent-runner';
import { cloneFiles } from '../clone/clone-domain.js';
import { deleteClone } from '../clone/delete-clone.js';
import { endJob, holdJob } from '../clone/job-lock.js';
import { makeClone } from '../clone/make-clone.js';
import { addressOf } from '../clone/reach-guest.js';
import { startClone } from '../clone/start-clone.js';
import type { Context } from '../context/context.js';
import type { CloneRecord } from '../state/clone-record.js';
import { pingGuest } from '../wake/wake-guest.js';
import { fitOf } from './fit.js';
import { putReady, type ReadyClone } from './pool-folder.js';

/** A clone that waits, and what its pool holds of it. */
export interface IdleClone {
  readonly record: CloneRecord;
  readonly ready: ReadyClone;
  readonly lock: Lock;
  readonly connection: SharedConnection;
}

/**
 * Boots a clone ahead of its job and pauses it. It is what a cold one is when its job comes: nothing of a job is started ahead, and
 * nothing is shared with another clone. Where that fails, nothing is left.
 *
 * @throws KATAVM_POOL_MASTER_TOO_OLD where the guest has no wake agent, and what a cold start throws.
 */
export function bootIdle(context: Context, input: BootIdleInput): Promise<IdleClone> {
  return withUndo(context.emit, (undo) => boot(context, input, undo));
}

export interface BootIdleInput {
  readonly config: VmConfig;
  readonly name: VmName;
  readonly signal: AbortSignal;
}

async function boot(context: Context, { config, name, signal }: BootIdleInput, undo: UndoStack): Promise<IdleClone> {
  const { state, adapters, emit } = context;
  const { uri } = config.vm;
  const lock = await holdJob(state, name, { signal, mode: 'shared' });
  undo.push(`lock of ${name}`, () => endJob(state, name, lock));
  const record = await makeClone(context, { config, name, purpose: 'job', canBeWoken: true, undo, signal });
  undo.push(`clone ${name}`, () => deleteClone(context, name, uri));
  const lifeline = cloneFiles(state.clone(name)).lifeline;
  const connection = await adapters.libvirt.connectShared({ uri, lifeline, emit, signal });
  undo.push(`connection of ${name}`, () => connection.end());
  const address = await start(context, record, connection, signal);
  const hypervisor = await context.connect(uri, signal);
  await hypervisor.suspend(name);
  const ready: ReadyClone = {
    version: 1,
    clone: name,
    config: config.name,
    generation: record.generation,
    fits: await fitOf(context, config, record.generation),
    since: new Date().toISOString(),
    address,
  };
  await putReady(state, ready);
  return { record, ready, lock, connection };
}

/** Starts it, and returns where it is when it has proved that it can be used and has come to rest. */
async function start(
  context: Context,
  record: CloneRecord,
  { hypervisor }: SharedConnection,
  signal: AbortSignal,
): Promise<GuestAddress> {
  const { emit } = context;
  const name = parseVmName(record.name);
  const session = await startClone(context, { record, justMade: true, dieWithUs: true, hypervisor, signal });
  const files = cloneFiles(context.state.clone(name));
  const where = { hypervisor, name, network: record.network, macAddress: record.macAddress, consoleLog: files.console };
  return trackStep(emit, 'settle', name, async () => {
    try {
      const { exitCode } = await session.run(untilAtRest, { timeoutMilliseconds: restMilliseconds, signal });
      if (exitCode !== 0) throw masterTooOld(record);
    } finally {
      session.close();
      await session.closed;
    }
    const address = await addressOf(context, { ...where, timeoutMilliseconds: restMilliseconds }, signal);
    await warm(context, record, address, signal);
    // The last word: whoever wakes it later needs this, and the guest has had time to see the connections end.
    await pingGuest({ name, socketPath: files.wake, timeoutMilliseconds: restMilliseconds, signal, emit });
    return address;
  });
}

/** Its clock would stand where it was when it was paused. */
function masterTooOld({ config }: CloneRecord): KatavmError {
  return new KatavmError({
    code: 'KATAVM_POOL_MASTER_TOO_OLD',
    message: `a clone of ${config} cannot wait, since its master has no wake agent, which sets its clock again: build it anew`,
    hint: `katavm master build ${config} --force`,
    details: { config },
  });
}

/** What systemd starts behind sshd would otherwise go on in the job; `degraded` is at rest, too. Ends with 0 where there is a wake agent. */
const untilAtRest = 'if [ -d /run/systemd/system ]; then systemctl is-system-running --wait; fi; test -e /usr/lib/katavm/wake';

/** An emulated Debian needs about 10 s from its SSH banner, and nobody waits for it: a busy host is no reason to give up. */
const restMilliseconds = 600_000;

/** As many as bring an emulated guest's SSH server from 1.1 s to its 0.6 s. */
const logins = 2;

/** The first logins of a guest read from its disk what the later ones find in memory. */
async function warm(
  context: Context,
  { user, keyPath: privateKeyPath, hostKey }: CloneRecord,
  address: GuestAddress,
  signal: AbortSignal,
): Promise<void> {
  for (let login = 0; login < logins; login++) {
    const timeoutMilliseconds = restMilliseconds;
    const input = { address, user, privateKeyPath, hostKey, timeoutMilliseconds, signal };
    const session = await context.adapters.ssh.connect(input);
    try {
      await session.run('true', { signal });
    } finally {
      session.close();
      await session.closed;
    }
  }
}
