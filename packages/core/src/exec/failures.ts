import { ExitCode } from '../errors/exit-codes.js';
import { KatavmError } from '../errors/katavm-error.js';
import type { ExecOptions } from './exec.js';
import { redact } from './redact.js';

const shownLines = 15;

/** The part of execa's result that tells why a command failed. */
export interface FailedRun {
  readonly code?: string | undefined;
  readonly timedOut: boolean;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly originalMessage?: string | undefined;
  readonly stdout?: unknown;
  readonly stderr?: unknown;
}

/** The error for a command that did not end with an accepted exit code. `shown` is the command as a line, already redacted. */
export function commandFailed(result: FailedRun, shown: string, options: ExecOptions): KatavmError {
  const program = shown.split(' ', 1)[0];
  if (result.code === 'ENOENT') {
    return new KatavmError({
      code: 'KATAVM_COMMAND_MISSING',
      message: `cannot run "${shown}": there is no program "${program}" on this host`,
      hint: '"katavm doctor" names what is missing and the command that installs it',
      exitCode: ExitCode.hostNotReady,
      details: { program },
    });
  }
  const said = redact(lastLines(result), options.secrets ?? []);
  if (result.timedOut) {
    return new KatavmError({
      code: 'KATAVM_COMMAND_TIMED_OUT',
      message: `"${shown}" was ended after ${options.timeoutMilliseconds} ms${said && `; it had said:\n${said}`}`,
      exitCode: ExitCode.timedOut,
    });
  }
  const how =
    result.exitCode === undefined
      ? `was ended by ${result.signal ?? 'an error of the system'}`
      : `exited with ${result.exitCode}`;
  return new KatavmError({
    code: 'KATAVM_COMMAND_FAILED',
    message: `"${shown}" ${how}${said ? `:\n${said}` : ' and said nothing'}`,
    details: { exitCode: result.exitCode, signal: result.signal, stderr: said },
  });
}

function lastLines(result: FailedRun): string {
  const stderr = typeof result.stderr === 'string' ? result.stderr : '';
  const stdout = typeof result.stdout === 'string' ? result.stdout : '';
  const said = stderr.trim() || stdout.trim() || (result.exitCode === undefined ? (result.originalMessage ?? '') : '');
  return said.split('\n').slice(-shownLines).join('\n');
}
