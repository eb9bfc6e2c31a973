// The one file that spawns processes (docs/architecture.md, rule 2).
import type { Readable, Writable } from 'node:stream';
import { execa, type Options, type Subprocess } from 'execa';
import { throwIfAborted } from '../errors/aborted.js';
import { commandFailed } from './failures.js';
import { formatCommand } from './redact.js';

export interface ExecOptions {
  readonly cwd?: string;
  /** Added to this process's environment; `LC_ALL=C` is always set, since outputs are parsed. `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to the command's stdin. Without it, stdin is empty. */
  readonly input?: string | Uint8Array;
  /** Ends the command with SIGTERM, and with SIGKILL 5 s later. */
  readonly signal?: AbortSignal | undefined;
  /** Default: no limit. */
  readonly timeoutMilliseconds?: number;
  /** Masked in every message. Secrets must not be in `args` in the first place: other users can read a process's arguments. */
  readonly secrets?: readonly string[];
  /** Called for each line as it comes. */
  readonly onLine?: (stream: 'stdout' | 'stderr', line: string) => void;
  /** Exit codes that are answers, not failures. Default `[0]`. */
  readonly acceptExitCodes?: readonly number[];
  /** Writes stdout to this file in place of returning it. */
  readonly stdoutFile?: string;
}

export interface ExecResult {
  readonly exitCode: number;
  /** Without the last newline. Empty where `stdoutFile` was given. */
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** The grace between SIGTERM and SIGKILL: the default of execa and of many supervisors. */
const killDelayMilliseconds = 5000;

/**
 * Runs a command to its end.
 *
 * @throws KATAVM_COMMAND_MISSING when there is no such program, KATAVM_COMMAND_FAILED for an exit code that is not
 * accepted or a death by signal, KATAVM_COMMAND_TIMED_OUT, and KATAVM_INTERRUPTED when `signal` is aborted.
 */
export async function exec(command: string, args: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
  throwIfAborted(options.signal);
  const child = execa(command, args, toExeca(options));
  if (options.onLine) forwardLines(child, options.onLine);
  const result = await child;
  throwIfAborted(options.signal);
  const accepted = options.acceptExitCodes ?? [0];
  if (result.exitCode === undefined || !accepted.includes(result.exitCode)) {
    throw commandFailed(result, formatCommand(command, args, options.secrets), options);
  }
  return { exitCode: result.exitCode, stdout: text(result.stdout), stderr: text(result.stderr), milliseconds: result.durationMs };
}

/** A process that outlives the call that started it. */
export interface RunningProcess {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Never rejects. `exitCode` is `undefined` after a death by signal. */
  readonly ended: Promise<{
    readonly exitCode: number | undefined;
    readonly signal: string | undefined;
    readonly failure: string | undefined;
  }>;
  kill(signal?: NodeJS.Signals): void;
}

export interface StartOptions extends Pick<ExecOptions, 'cwd' | 'env' | 'signal'> {
  /** Its own session: a signal to this process's group does not reach it. */
  readonly detached?: boolean;
}

/** Starts a command whose streams the caller uses. A missing program shows in `ended`. */
export function start(command: string, args: readonly string[], options: StartOptions = {}): RunningProcess {
  const child = execa(command, args, {
    ...toExeca(options),
    stdin: 'pipe',
    buffer: false,
    detached: options.detached ?? false,
  });
  const ended = child.then((result) => ({
    exitCode: result.exitCode,
    signal: result.signal,
    failure: result.failed ? result.shortMessage : undefined,
  }));
  // execa gives streams for every `pipe`, also when the program is missing.
  const { stdin, stdout, stderr } = child as unknown as { stdin: Writable; stdout: Readable; stderr: Readable };
  return { pid: child.pid ?? 0, stdin, stdout, stderr, ended, kill: (signal) => void child.kill(signal) };
}

function toExeca(options: ExecOptions) {
  return {
    reject: false,
    env: { LC_ALL: 'C', ...options.env } as Record<string, string>,
    stdin: options.input === undefined ? 'ignore' : 'pipe',
    stdout: options.stdoutFile === undefined ? 'pipe' : { file: options.stdoutFile },
    forceKillAfterDelay: killDelayMilliseconds,
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.timeoutMilliseconds === undefined ? {} : { timeout: options.timeoutMilliseconds }),
  } satisfies Options;
}

function forwardLines(child: Pick<Subprocess, 'iterable'>, onLine: NonNullable<ExecOptions['onLine']>): void {
  for (const from of ['stdout', 'stderr'] as const) {
    void (async () => {
      for await (const line of child.iterable({ from })) onLine(from, String(line));
    })().catch(() => {}); // the command's own failure is reported by exec
  }
}

function text(output: unknown): string {
  return typeof output === 'string' ? output : '';
}
