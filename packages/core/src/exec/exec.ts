import { type FileHandle, open } from 'node:fs/promises';
import { abortReason, throwIfAborted } from '../errors/aborted.js';
import { messageOf } from '../errors/describe.js';
import { endProcess } from './end-process.js';
import { commandFailed, type FailedRun } from './failures.js';
import { collectText, forwardLines } from './output.js';
import { type Subprocess, startSubprocess } from './subprocess.js';

export interface ExecOptions {
  readonly cwd?: string;
  /** Added to this process's environment; `LC_ALL=C` is always set, since outputs are parsed. `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to the command's stdin. Without it, stdin is empty. */
  readonly input?: string | Uint8Array;
  /** Ends the command, and all that it started, with SIGTERM, and with SIGKILL 5 s later. */
  readonly signal?: AbortSignal | undefined;
  /** Default: no limit. At most 2^31 - 1, as for every timer of Node. */
  readonly timeoutMilliseconds?: number;
  /** Masked in every message. Secrets must not be in `args` in the first place: other users can read a process's arguments. */
  readonly secrets?: readonly string[];
  /** Called for each line as it comes; the last one before `exec` returns. If it throws, the command is ended and `exec` throws that. */
  readonly onLine?: (stream: 'stdout' | 'stderr', line: string) => void;
  /** Exit codes that are answers, not failures. Default `[0]`. */
  readonly acceptExitCodes?: readonly number[];
  /** Writes stdout to this file, emptied first, in place of returning it. */
  readonly stdoutFile?: string;
}

export interface ExecResult {
  readonly exitCode: number;
  /** Without the last newline. Empty where `stdoutFile` was given. */
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/**
 * Runs a command to its end, in a session of its own: Ctrl-C at the terminal reaches this process alone, which decides what to end
 * (an undo in progress, for one, is not).
 *
 * @throws KATAVM_COMMAND_MISSING when there is no such program, KATAVM_COMMAND_FAILED for an exit code that is not
 * accepted, a death by signal or an output above 64 MiB, KATAVM_COMMAND_TIMED_OUT, and KATAVM_INTERRUPTED (or what `signal`
 * was aborted with) when `signal` is aborted before the command has ended.
 */
export async function exec(command: string, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  throwIfAborted(options.signal);
  const begin = performance.now();
  const fail = (run: FailedRun) => commandFailed(command, args, run, options);
  const file = await openOutput(options.stdoutFile, fail);
  try {
    throwIfAborted(options.signal);
    const child = startSubprocess(command, args, {
      cwd: options.cwd,
      env: environment(options.env),
      stdio: [options.input === undefined ? 'ignore' : 'pipe', file?.fd ?? 'pipe', 'pipe'],
      group: true,
      endsWithUs: true,
    });
    const run = await runToEnd(child, options);
    if (run.thrown) throw run.thrown.error;
    const accepted = options.acceptExitCodes ?? [0];
    if (run.exitCode === undefined || run.stopped || !accepted.includes(run.exitCode)) throw fail(run);
    return { exitCode: run.exitCode, stdout: run.stdout, stderr: run.stderr, milliseconds: performance.now() - begin };
  } finally {
    await file?.close();
  }
}

/**
 * What every started command sees: this process's environment with outputs in the language that parsers expect, and without
 * Jenkins' cookie. Jenkins ends every process that has a job's cookie: also a libvirt daemon that virsh started on the way, and
 * with it the guests of all others.
 */
export function environment(added: ExecOptions['env']): NodeJS.ProcessEnv {
  return { ...process.env, HUDSON_COOKIE: undefined, LC_ALL: 'C', ...added };
}

async function openOutput(path: string | undefined, fail: (run: FailedRun) => Error): Promise<FileHandle | undefined> {
  if (path === undefined) return undefined;
  try {
    return await open(path, 'w');
  } catch (error) {
    throw fail({ stdout: '', stderr: '', notStarted: `its output cannot be written: ${messageOf(error)}` });
  }
}

/** A run that has ended; `thrown` holds what the caller's own signal or listener ended it with. */
interface EndedRun extends FailedRun {
  readonly thrown?: { readonly error: unknown } | undefined;
}

async function runToEnd(child: Subprocess, options: ExecOptions): Promise<EndedRun> {
  const why: { stopped?: FailedRun['stopped']; thrown?: EndedRun['thrown'] } = {};
  const stop = (reason: Pick<EndedRun, 'stopped' | 'thrown'>) => {
    if (why.stopped || why.thrown) return;
    Object.assign(why, reason);
    endProcess(child);
  };
  const stdout = collectText(child.stdout, () => stop({ stopped: 'output' }));
  const stderr = collectText(child.stderr, () => stop({ stopped: 'output' }));
  forwardAll(child, options.onLine, (error) => stop({ thrown: { error } }));
  child.stdin?.end(options.input);

  const abort = () => stop({ thrown: { error: options.signal && abortReason(options.signal) } });
  options.signal?.addEventListener('abort', abort, { once: true });
  const timer =
    options.timeoutMilliseconds === undefined
      ? undefined
      : setTimeout(() => stop({ stopped: 'timeout' }), options.timeoutMilliseconds);
  const end = await child.ended;
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', abort);
  return { ...why, ...end, stdout: stdout(), stderr: stderr() };
}

function forwardAll(child: Subprocess, onLine: ExecOptions['onLine'], failed: (error: unknown) => void): void {
  if (!onLine) return;
  for (const name of ['stdout', 'stderr'] as const) {
    forwardLines(child[name], (line) => {
      try {
        onLine(name, line);
      } catch (error) {
        failed(error);
      }
    });
  }
}
