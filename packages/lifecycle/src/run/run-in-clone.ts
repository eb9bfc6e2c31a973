import type { Readable, Writable } from 'node:stream';
import type { StartMode, VmConfig } from '@katavm/config';
import { parseVmName, timePart, trackStep, UndoStack, type VmName } from '@katavm/core';
import type { CommandEnd, Descriptors, GuestSession, PipedCommand } from '@katavm/ssh-agent-runner';
import { cloneFiles } from '../clone/clone-domain.js';
import { whyLost } from '../clone/guest-died.js';
import { endJob } from '../clone/job-lock.js';
import type { Context } from '../context/context.js';
import { beginQuiet, endQuiet } from '../pool/quiet.js';
import { launchClone } from '../start/launch-clone.js';
import { collectLeftovers } from '../start/start-cold.js';
import type { StartedClone } from '../start/start-outcome.js';
import { type CloneRecord, writeCloneRecord } from '../state/clone-record.js';
import { LaunchClock, type LaunchTiming } from '../timings/launch-clock.js';
import { divideByGuest } from '../timings/launch-timings.js';
import { recordRun } from './record-run.js';

export interface RunInput {
  readonly config: VmConfig;
  /** For a clone that is made now; one that was made ahead of time has its own. */
  readonly name: VmName;
  /** Default: the config's. */
  readonly start?: StartMode | undefined;
  /** Shell text for the guest's login shell. */
  readonly command: string;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Asked when the command is to start: what it gets in place of `stdin` and `stdout`, if anything. */
  readonly descriptors?: (() => Descriptors | undefined) | undefined;
  /** Keeps the clone running where the command fails. */
  readonly keepOnFailure: boolean;
  readonly bootTimeoutMilliseconds?: number | undefined;
  /** Asks the guest, when the command has ended, how its boot divides; and gives back where the launch's time went. */
  readonly timings?: boolean;
  /** Called when it is known which clone it will be, before it is reached. */
  readonly onClone?: (name: string) => Promise<void>;
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
  /** How the clone came to run: not always as it was asked for. */
  readonly start: StartMode;
  /** True where the command failed and `keepOnFailure` was set. */
  readonly kept: boolean;
  /** Where the launch's time went, up to the command's start. Only where it was asked for; it is in the run's record anyhow. */
  readonly timings?: readonly LaunchTiming[];
}

/**
 * Runs a command in a fresh clone, its streams passed through, and deletes the clone whichever way it ended. The clone
 * dies with this process: libvirt destroys it when our connection ends, and gc takes its files.
 */
export async function runInClone(given: Context, input: RunInput, signal: AbortSignal): Promise<RunResult> {
  const clock = new LaunchClock(given.emit);
  const context: Context = { ...given, emit: clock.emit };
  const undo = new UndoStack(context.emit);
  const began = new Date();
  let start: StartMode = 'cold';
  let record: CloneRecord | undefined;
  let end: CommandEnd | undefined;
  let kept = false;
  let timings: readonly LaunchTiming[] | undefined;
  try {
    const onClone = async (made: CloneRecord) => {
      record = made;
      const { name } = made;
      if (input.config.isolation.quiet) {
        undo.push(`quiet for ${name}`, () => endQuiet(context.state, name));
        await beginQuiet(context.state, name);
      }
      undo.push(`what is to be done before ${name} is deleted`, async () =>
        input.beforeDelete?.({ consoleLog: cloneFiles(context.state.clone(name)).console, end }),
      );
      await input.onClone?.(name);
    };
    const { config, name, keepOnFailure: mayBeKept, bootTimeoutMilliseconds } = input;
    const asked = input.start ?? config.start;
    const clone = await launchClone(context, {
      config,
      name,
      start: asked,
      mayBeKept,
      bootTimeoutMilliseconds,
      undo,
      onClone,
      signal,
    });
    start = clone.start;
    const { session } = clone;
    try {
      end = await runCommand(context, input, clone, signal);
      // A guest that was booted ahead of time, or restored, has nothing to say of this launch.
      if (input.timings) timings = start === 'cold' ? await divideByGuest(clock, session) : clock.timings;
    } finally {
      session.close();
    }
    kept = end.exitCode !== 0 && mayBeKept;
    if (kept) await keep(context, clone, undo);
    const result = { ...end, clone: clone.record.name, generation: clone.record.generation, start, kept };
    return timings ? { ...result, timings } : result;
  } finally {
    await undo.unwind();
    if (record) {
      await recordRun(context, { record, start, began, exitCode: end?.exitCode, kept, timings: timings ?? clock.timings });
    }
    // A cold start did it while its guest booted.
    if (start !== 'cold') await collectLeftovers(context, input.config.vm.uri, signal);
  }
}

async function runCommand(
  context: Context,
  input: RunInput,
  { record, session }: StartedClone,
  signal: AbortSignal,
): Promise<CommandEnd> {
  await input.prepare?.(session);
  const { stdin, stdout, stderr, command } = input;
  return trackStep(context.emit, 'command', record.name, async () => {
    const streams = { stdin, stdout, stderr, descriptors: input.descriptors?.(), signal };
    try {
      const running = await timePart(context.emit, 'agent', () => session.pipe(command, streams));
      input.onCommand?.(running);
      return await running.ended;
    } catch (error) {
      throw await whyLost(context, { uri: input.config.vm.uri, name: parseVmName(record.name) }, error);
    }
  });
}

/** Makes a kept clone of a job's. */
async function keep(context: Context, { record, lock }: StartedClone, undo: UndoStack): Promise<void> {
  await writeCloneRecord(context.state, { ...record, purpose: 'kept', started: new Date().toISOString() });
  undo.forget();
  await endQuiet(context.state, record.name);
  await endJob(context.state, record.name, lock);
}
