import type { Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';

/**
 * Gives everything that comes on `stdin` to a command, and the end of it as the end of its input. A full channel pauses
 * `stdin`. `stdin` stays the caller's: it is never destroyed.
 *
 * @param atEnd what to do at the end of the input. Default: end the channel's input
 * @returns a function that lets go of `stdin`, paused, so that it does not keep the process alive
 */
export function feed(stdin: Readable, channel: ClientChannel, atEnd: () => void = () => channel.end()): () => void {
  const onData = (chunk: Buffer | string) => {
    // A command that has ended leaves the rest unread, as in a shell's pipeline.
    if (channel.writable && !channel.write(chunk)) stdin.pause();
  };
  const onDrain = () => void stdin.resume();
  const onEnd = () => {
    if (channel.writable) atEnd();
    letGo();
  };
  const letGo = () => {
    channel.off('drain', onDrain);
    stdin.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onEnd).pause();
  };
  if (stdin.readableEnded || stdin.destroyed) {
    atEnd();
    return () => {};
  }
  channel.on('drain', onDrain);
  // An input that breaks has ended: the command must not wait for more.
  stdin.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onEnd).resume();
  return letGo;
}
