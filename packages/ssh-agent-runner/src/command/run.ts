import { PassThrough, Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { ExitCode, formatDuration, KatavmError } from '@katavm/core';
import type { CommandEnd, RunOptions } from '../adapter.js';
import type { Connection } from '../connection/connection.js';
import { pipe } from './pipe.js';

const shownLines = 15;

/**
 * Runs a command to its end and returns what it printed, as UTF-8. Any exit code is an answer.
 *
 * @throws KATAVM_GUEST_COMMAND_TIMED_OUT, KATAVM_GUEST_LOST, KATAVM_SSH_CHANNEL_REFUSED, KATAVM_INTERRUPTED
 */
export async function run(
  connection: Connection,
  text: string,
  { input, timeoutMilliseconds, signal, onLine }: RunOptions = {},
): Promise<CommandEnd & { readonly stdout: string; readonly stderr: string }> {
  const deadline = timeoutMilliseconds === undefined ? undefined : AbortSignal.timeout(timeoutMilliseconds);
  const limits = [signal, deadline].filter((limit) => limit !== undefined);
  const stdout = collect((line) => onLine?.('stdout', line));
  const stderr = collect((line) => onLine?.('stderr', line));
  try {
    const command = await pipe(connection, text, { stdin: source(input), stdout, stderr, signal: AbortSignal.any(limits) });
    const end = await command.ended;
    return { ...end, stdout: stdout.finish(), stderr: stderr.finish() };
  } catch (error) {
    if (!deadline?.aborted || signal?.aborted) throw error;
    const said = (stderr.finish().trim() || stdout.finish().trim()).split('\n').slice(-shownLines).join('\n');
    throw new KatavmError({
      code: 'KATAVM_GUEST_COMMAND_TIMED_OUT',
      message: `"${text}" in the guest was ended after ${formatDuration(timeoutMilliseconds ?? 0)}${said && `; it had said:\n${said}`}`,
      hint: "look at the guest's console for what it is busy with",
      exitCode: ExitCode.timedOut,
    });
  }
}

function source(input: string | Uint8Array | undefined): Readable {
  return input === undefined ? Readable.from([]) : new PassThrough().end(input);
}

/** A sink that keeps the text and tells each line as it comes, without its end. */
function collect(onLine: (line: string) => void): Writable & { finish(): string } {
  const decoder = new StringDecoder('utf8');
  const texts: string[] = [];
  let line = '';
  const take = (text: string) => {
    texts.push(text);
    const lines = (line + text).split(/\r?\n/);
    line = lines.pop() ?? '';
    lines.forEach(onLine);
  };
  const sink = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      take(decoder.write(chunk));
      callback();
    },
  });
  const finish = () => {
    take(decoder.end());
    if (line !== '') onLine(line);
    line = '';
    return texts.join('');
  };
  return Object.assign(sink, { finish });
}
