import { ExitCode, isKatavmError, KatavmError, messageOf } from '@katavm/core';

/** A failure as text for a person: what, why, what next, where the whole story is. A bug brings its stack trace. */
export function errorText(error: unknown): string {
  if (!isKatavmError(error)) {
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `katavm: this is a bug in katavm, please report it:\n${trace}\n`;
  }
  const cause = causeText(error);
  const lines = [
    `error[${error.code}]: ${error.message}`,
    ...(cause === undefined ? [] : [`cause: ${cause}`]),
    ...(error.hint === undefined ? [] : [`hint: ${error.hint}`]),
    ...(error.log === undefined ? [] : [`log: ${error.log}`]),
  ];
  return `${lines.join('\n')}\n`;
}

export function errorJson(error: unknown): object {
  if (!isKatavmError(error)) return { code: 'KATAVM_BUG', message: messageOf(error) };
  const { code, message, hint, log, details } = error;
  return { code, message, hint, log, details };
}

/**
 * With `passThrough` a guest's own exit code comes out of this program, so that a failure of katavm itself is always 125 and
 * the two cannot be mistaken; an interruption keeps 129, 130 or 143.
 */
export function exitCodeOf(error: unknown, passThrough = false): number {
  const code = isKatavmError(error) ? error.exitCode : ExitCode.failed;
  return passThrough && code < ExitCode.hungUp ? ExitCode.ours : code;
}

export function outputNotWritten(cause: Error): KatavmError {
  const message = `the result could not be written to stdout: ${cause.message}`;
  return new KatavmError({
    code: 'KATAVM_OUTPUT_NOT_WRITTEN',
    message,
    hint: 'if it goes to a file, see that its disk has room',
  });
}

/** A cause that the message does not repeat already. */
function causeText(error: KatavmError): string | undefined {
  if (error.cause === undefined) return undefined;
  const text = messageOf(error.cause);
  return error.message.includes(text) ? undefined : text;
}
