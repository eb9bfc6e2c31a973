// execa's face to the rest of this folder, which is the only one that starts processes (docs/architecture.md, rule 2).
import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';

/** A pipe, nothing, or a descriptor of this process. */
type Descriptor = 'pipe' | 'ignore' | number;

export interface SubprocessOptions {
  readonly cwd?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly stdio: readonly [Descriptor, Descriptor, Descriptor, ...Descriptor[]];
  /** It gets a session of its own, and `kill` ends all that it started. */
  readonly group: boolean;
  /** It is ended when this process exits, by a signal too. */
  readonly endsWithUs: boolean;
}

/** A process that ended; a failure to start has neither an exit code nor a signal. */
export interface EndedSubprocess {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** What spawn(2) or execve(2) reported. */
  readonly spawnError: Error | undefined;
}

export interface Subprocess {
  /** `undefined` where it could not be started. */
  readonly pid: number | undefined;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  /** For its events `exit` and `close`, its descriptors above 2, and `unref`. */
  readonly node: ChildProcess;
  /** Never rejects; comes when the process has ended and all that it wrote was read. */
  readonly ended: Promise<EndedSubprocess>;
  /** A process that has ended already is no error. */
  kill(signal: NodeJS.Signals): void;
}

/** Output that nobody listens to in this turn is thrown away, so that the process never blocks. */
export function startSubprocess(command: string, args: readonly string[], options: SubprocessOptions): Subprocess {
  const { cwd, env, stdio, group, endsWithUs } = options;
  const child = execa(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env,
    extendEnv: false,
    stdio: stdio as unknown as readonly ['pipe', 'pipe', 'pipe'], // its types allow no descriptor that is chosen at run time
    reject: false,
    buffer: false,
    killDescendants: group,
    cleanup: endsWithUs,
    // Who sends a signal decides what comes next: a server may need more than 5 s to end.
    forceKillAfterDelay: false,
    // Commands are not printed, whatever NODE_DEBUG says.
    verbose: 'none',
  });
  child.stdin?.on('error', () => {}); // EPIPE: it ended, successfully perhaps, and did not read all of its input
  const { pid, stdin, stdout, stderr, nodeChildProcess: node } = child;
  return {
    pid,
    stdin,
    stdout,
    stderr,
    node,
    ended: child.then(({ exitCode, signal, cause }) => ({
      exitCode,
      signal,
      spawnError: exitCode === undefined && signal === undefined ? (cause as Error) : undefined,
    })),
    kill: (signal) => void child.kill(signal),
  };
}
