import type { Readable, Writable } from 'node:stream';
import type { VmConfig } from '@katavm/config';
import { type Lock, messageOf, trackStep, UndoStack, type VmName, withUndo } from '@katavm/core';
import type { CommandEnd, GuestSession, PipedCommand } from '@katavm/ssh-agent-runner';
import { cloneFiles } from '../clone/clone-domain.js';
import { deleteClone } from '../clone/delete-clone.js';
import { endJob, holdJob } from '../clone/job-lock.js';
import { makeClone } from '../clone/make-clone.js';
import { startClone } from '../clone/start-clone.js';
import type { Context } from '../context/context.js';
import { collectDeadJobs } from '../gc/collect-dead-jobs.js';
import { type CloneRecord, writeCloneRecord } from '../state/clone-record.js';

export interface RunInput {
  readonly config: VmConfig;
  readonly name: VmName;
  /** Shell text for the guest's login shell. */
  readonly command: string;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Keeps the clone running where the command fails. */
  readonly keepOnFailure: boolean;
  readonly bootTimeoutMilliseconds?: number | undefined;
  /** Called with the open connection before the command starts: to put files. */
  readonly prepare?: (session: GuestSession) => Promise<void>;
  /** Called when the command runs: to forward signals to it. */
  readonly onCommand?: (command: PipedCommand) => void;
  /** Called when the work has ended, with the guest's console while it is still there. Its failure is told as a notice. */
  readonly beforeDelete?: (ending: RunEnding) => Promise<void>;
}

/** How a run went, before its clone is deleted. */
export interface RunEnding {
  /** The path of the guest's console; libvirt may not let everybody read it. */
  readonly consoleLog: string;
  /** `undefined` where the command did not come to an end of its own. */
  readonly end: CommandEnd | undefined;
}

export interface RunResult extends CommandEnd {
  readonly clone: string;
  readonly generation: string;
  /** True where the command failed and `keepOnFailure` was set. */
  readonly kept: boolean;
}

/**
 * Runs a command in a fresh clone, its streams passed through, and deletes the clone whichever way it ended. The clone
 * dies with this process: libvirt destroys it when our connection ends, and gc takes its files.
 */
export async function runInClone(context: Context, input: RunInput, signal: AbortSignal): Promise<RunResult> {
  const { config, name } = input;
  const lock = await holdJob(context.state, name, signal);
  const undo = new UndoStack(context.emit);
  undo.push(`lock of ${name}`, () => endJob(context.state, name, lock));
  try {
    // What it made it unmakes itself where it fails: a clone of this name that was there already is another's.
    const record = await withUndo(context.emit, (made) =>
      makeClone(context, { config, name, purpose: 'job', undo: made, signal }),
    );
    undo.push(`clone ${name}`, () => deleteClone(context, name, config.vm.uri));
    let end: CommandEnd | undefined;
    undo.push(`what is to be done before ${name} is deleted`, async () =>
      input.beforeDelete?.({ consoleLog: cloneFiles(context.state.clone(name)).console, end }),
    );
    end = await runCommand(context, input, record, signal);
    const kept = end.exitCode !== 0 && input.keepOnFailure;
    if (kept) await keep(context, record, lock, undo);
    return { ...end, clone: name, generation: record.generation, kept };
  } finally {
    await undo.unwind();
  }
}

async function runCommand(context: Context, input: RunInput, record: CloneRecord, signal: AbortSignal): Promise<CommandEnd> {
  const { config, bootTimeoutMilliseconds } = input;
  const dieWithUs = !input.keepOnFailure;
  const starting = startClone(context, { record, dieWithUs, bootTimeoutMilliseconds, signal });
  // While the guest boots, this process has nothing to do: it takes what killed jobs left.
  const collected = collectDeadJobs(context, config.vm.uri).catch((error) => notice(context, error));
  const session = await starting;
  try {
    await collected;
    await input.prepare?.(session);
    const { stdin, stdout, stderr, command } = input;
    return await trackStep(context.emit, 'command', record.name, async () => {
      const running = await session.pipe(command, { stdin, stdout, stderr, signal });
      input.onCommand?.(running);
      return running.ended;
    });
  } finally {
    session.close();
  }
}

/** Makes a kept clone of a job's. */
async function keep(context: Context, record: CloneRecord, lock: Lock, undo: UndoStack): Promise<void> {
  await writeCloneRecord(context.state, { ...record, purpose: 'kept', started: new Date().toISOString() });
  undo.forget();
  await endJob(context.state, record.name, lock);
}

function notice(context: Context, error: unknown): void {
  const message = `what earlier jobs left could not be collected: ${messageOf(error)}`;
  context.emit({ type: 'notice', level: 'warning', code: 'KATAVM_GC_FAILED', message });
}
