import { existsSync } from 'node:fs';
import { systemErrorCode } from '../errors/describe.js';
import { ExitCode } from '../errors/exit-codes.js';
import { KatavmError } from '../errors/katavm-error.js';
import type { ExecOptions } from './exec.js';
import { largestOutputBytes } from './output.js';
import { formatCommand, redact } from './redact.js';

const shownLines = 15;

/** How a command ended that did not end well. */
export interface FailedRun {
  /** Why we ended it. */
  readonly stopped?: 'timeout' | 'output' | undefined;
  /** Why it was never started. */
  readonly notStarted?: string | undefined;
  /** What spawn(2) or execve(2) said. */
  readonly spawnError?: Error | undefined;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The error for a command that did not end with an accepted exit code. */
export function commandFailed(command: string, args: readonly string[], run: FailedRun, options: ExecOptions): KatavmError {
  const secrets = options.secrets ?? [];
  const shown = formatCommand(command, args, secrets);
  // ENOENT also stands for a missing working directory.
  const noFolder = options.cwd !== undefined && !existsSync(options.cwd);
  if (systemErrorCode(run.spawnError) === 'ENOENT' && !noFolder) return commandMissing(command, shown);
  const said = redact(lastLines(run), secrets);
  if (run.stopped === 'timeout') {
    return new KatavmError({
      code: 'KATAVM_COMMAND_TIMED_OUT',
      message: `"${shown}" was ended after ${options.timeoutMilliseconds} ms${said && `; it had said:\n${said}`}`,
      exitCode: ExitCode.timedOut,
    });
  }
  const how = noFolder ? `could not be started: there is no folder ${options.cwd}` : howItEnded(run);
  return new KatavmError({
    code: 'KATAVM_COMMAND_FAILED',
    message: `"${shown}" ${how}${said ? `:\n${said}` : ''}`,
    details: { exitCode: run.exitCode, signal: run.signal, stderr: said },
  });
}

function commandMissing(program: string, shown: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_COMMAND_MISSING',
    message: `cannot run "${shown}": there is no program "${program}" on this host`,
    hint: '"katavm doctor" names what is missing and the command that installs it',
    exitCode: ExitCode.hostNotReady,
    details: { program },
  });
}

function howItEnded(run: FailedRun): string {
  if (run.notStarted) return `could not be started: ${run.notStarted}`;
  if (run.spawnError) return `could not be started: ${run.spawnError.message}`;
  if (run.stopped === 'output') return `was ended: it printed more than ${largestOutputBytes / 1024 ** 2} MiB`;
  const how = run.exitCode === undefined ? `was ended by ${run.signal}` : `exited with ${run.exitCode}`;
  return lastLines(run) ? how : `${how} and said nothing`;
}

function lastLines(run: FailedRun): string {
  const said = run.stderr.trim() || (run.stopped === 'output' ? '' : run.stdout.trim());
  return said.split('\n').slice(-shownLines).join('\n');
}
