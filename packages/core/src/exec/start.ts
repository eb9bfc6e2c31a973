import { Readable, Writable } from 'node:stream';
import { endProcess } from './end-process.js';
import { type ExecOptions, environment } from './exec.js';
import { fed, feed } from './fed-stdin.js';
import { type Subprocess, startSubprocess } from './subprocess.js';

/** A process that outlives the call that started it. */
export interface RunningProcess {
  /** 0 where it could not be started. */
  readonly pid: number;
  /** What is written after the process has ended is thrown away. */
  readonly stdin: Writable;
  /** Listen in the same turn in which `start` was called: what nobody reads is thrown away, so that the process never blocks. */
  readonly stdout: Readable;
  /** As `stdout`. */
  readonly stderr: Readable;
  /** With `alreadyRead`: comes when the descriptor has ended, and all of it was read. Else never. */
  readonly inputEnded: Promise<void>;
  /** Never rejects; comes when the process has ended and its output has been read. `exitCode` is `undefined` after a death by signal. */
  readonly ended: Promise<{
    readonly exitCode: number | undefined;
    readonly signal: string | undefined;
    /** Set for everything but exit code 0. */
    readonly failure: string | undefined;
  }>;
  /** Default SIGTERM. */
  kill(signal?: NodeJS.Signals): void;
  /** This process neither listens to it any more nor waits for it before it exits. For one that reads from a descriptor of the caller's. */
  letGo(): void;
}

export interface StartOptions extends Pick<ExecOptions, 'cwd' | 'env' | 'signal'> {
  /**
   * Its own session: a signal to this process's group (Ctrl-C) does not reach it, and it is not ended when this process exits: it
   * sees the end of its stdin. `kill` and `signal` then end all that it started, too.
   */
  readonly detached?: boolean;
  /**
   * Detached, and SIGTERM, SIGINT and SIGHUP do not end it, whoever sends them, nor SIGPIPE when nobody reads its outputs any more: it
   * ends with its stdin, or by SIGKILL, which `kill` and `signal` then send. For what this process needs until its own last act:
   * Jenkins, for one, sends SIGTERM to a whole tree of processes, children first.
   */
  readonly shielded?: boolean;
  /** The kernel ends it with SIGKILL when this process is gone, by SIGKILL too (PR_SET_PDEATHSIG, by util-linux' setpriv). */
  readonly diesWithUs?: boolean;
  /**
   * It is woken without taking a processor from what runs (SCHED_BATCH, by util-linux' chrt): for what carries the bytes of a guest
   * that shares the host's processors with it. Where that is not allowed (from SCHED_IDLE it is not), it goes without.
   */
  readonly batch?: boolean;
  /** The descriptor of this process that becomes its stdin. `stdin` of the running process takes nothing then. */
  readonly stdin?: number;
  /** What this process has read of that descriptor: its stdin gives it first. Needs bash and setpriv, and `detached`. */
  readonly alreadyRead?: Uint8Array | undefined;
  /** The descriptor of this process that becomes its stdout. `stdout` of the running process is empty then. */
  readonly stdout?: number;
  /** The open file of this process that becomes its descriptor 3. */
  readonly third?: number | undefined;
}

/** Starts a command whose streams the caller uses. A missing program shows in `ended`. */
export function start(command: string, args: readonly string[], options: StartOptions = {}): RunningProcess {
  const shielded = options.shielded ?? false;
  const detached = options.detached ?? shielded;
  const words = options.alreadyRead ? fed([command, ...args]) : [command, ...args];
  const tied = options.diesWithUs ? ['setpriv', '--pdeathsig', 'KILL', '--', ...words] : words;
  const [program = command, ...argv] = prepared(tied, options);
  const third = options.alreadyRead ? 'pipe' : (options.third ?? 'ignore');
  const stdio = [options.stdin ?? 'pipe', options.stdout ?? 'pipe', 'pipe', third] as const;
  const child = startSubprocess(program, argv, {
    cwd: options.cwd,
    env: environment(options.env),
    stdio,
    group: detached,
    endsWithUs: !detached,
  });
  const inputEnded = options.alreadyRead ? feed(child, options.alreadyRead) : new Promise<void>(() => {});
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin ?? new Writable().destroy(),
    stdout: child.stdout ?? Readable.from([]),
    stderr: child.stderr ?? Readable.from([]),
    inputEnded,
    ended: endOf(child, command, options),
    kill: (signal = shielded ? 'SIGKILL' : 'SIGTERM') => child.kill(signal),
    letGo: () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.node.unref();
    },
  };
}

/** What a process has to do to itself before it becomes the command, and Node cannot ask for. Both last across execve(2). */
function prepared(words: readonly string[], { shielded = false, batch = false }: StartOptions): readonly string[] {
  const steps = [
    ...(shielded ? ['trap "" TERM INT HUP PIPE'] : []),
    // Its output is the command's: not a word of it.
    ...(batch ? ['chrt --batch --pid 0 $$ >/dev/null 2>&1'] : []),
  ];
  return steps.length === 0 ? words : ['sh', '-c', [...steps, 'exec "$@"'].join('; '), 'sh', ...words];
}

async function endOf(
  child: Subprocess,
  command: string,
  { signal, shielded }: StartOptions,
): Promise<Awaited<RunningProcess['ended']>> {
  const abort = () => (shielded ? child.kill('SIGKILL') : endProcess(child));
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  const { exitCode, signal: by, spawnError } = await child.ended;
  signal?.removeEventListener('abort', abort);
  if (spawnError) return { exitCode, signal: by, failure: spawnError.message };
  const failure = by ? `${command} was ended by ${by}` : exitCode === 0 ? undefined : `${command} exited with ${exitCode}`;
  return { exitCode, signal: by, failure };
}
