import { ExitCode, KatavmError, systemErrorCode, throwIfAborted } from '@katavm/core';
import { whenAborted } from '../abort/when-aborted.js';
import type { CommandEnd, PipedCommand, PipeOptions } from '../adapter.js';
import type { Connection } from '../connection/connection.js';
import { type Command, endedBySignal, openCommand } from './command.js';
import { feed } from './feed.js';
import { type HandingOn, handOn } from './hand-on.js';

/**
 * Runs a command with the caller's streams, byte for byte: no terminal, half-close honoured both ways, back-pressure held.
 *
 * Where the reader of stdout has gone, the command is ended and that is its result: SIGPIPE, as in a shell's pipeline.
 * Where the reader of stderr has gone, the rest of stderr is dropped.
 *
 * @throws KATAVM_GUEST_LOST, KATAVM_SSH_CHANNEL_REFUSED, KATAVM_INTERRUPTED
 */
export async function pipe(connection: Connection, text: string, options: PipeOptions): Promise<PipedCommand> {
  throwIfAborted(options.signal);
  const command = await openCommand(connection, text);
  const ended = passThrough(command, options);
  ended.catch(() => {}); // whoever waits for it still gets the rejection
  return { ended, sendSignal: command.sendSignal };
}

async function passThrough(command: Command, { stdin, stdout, stderr, signal }: PipeOptions): Promise<CommandEnd> {
  const stopFeeding = feed(stdin, command.channel);
  const output = handOn(command.channel, stdout, command.handedOn);
  const errors = handOn(command.channel.stderr, stderr, command.handedOn);
  const { aborted, forget } = whenAborted(signal);
  try {
    return await Promise.race([aborted, readerGone(output), wholeEnd(command, output, errors, stopFeeding)]);
  } catch (error) {
    if (signal?.aborted) command.end('TERM');
    throw error;
  } finally {
    for (const release of [forget, stopFeeding, output.letGo, errors.letGo]) release();
    command.end('PIPE'); // nothing, for a command that has ended
  }
}

async function wholeEnd(command: Command, output: HandingOn, errors: HandingOn, stopFeeding: () => void): Promise<CommandEnd> {
  try {
    return await command.ended;
  } finally {
    stopFeeding(); // a slow reader may still hold the output up; the input is over
    await Promise.all([output.done, errors.done]);
  }
}

/** @throws KATAVM_OUTPUT_NOT_WRITTEN where output was lost for another reason than that nobody reads it. */
async function readerGone(output: HandingOn): Promise<CommandEnd> {
  const error = await output.sinkGone;
  if (error === undefined || isReaderGone(error)) return endedBySignal('PIPE');
  throw new KatavmError({
    code: 'KATAVM_OUTPUT_NOT_WRITTEN',
    message: `could not write the command's output: ${error.message}; the command was ended`,
    hint: 'what was written until then is not whole; if it went to a file, look whether its disk is full',
    exitCode: ExitCode.failed,
    cause: error,
  });
}

function isReaderGone(error: Error): boolean {
  return ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE'].includes(systemErrorCode(error) ?? '');
}
