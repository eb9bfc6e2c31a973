import type { Readable, Writable } from 'node:stream';
import { isPipe } from '@katavm/core';
import type { Descriptors, PipedCommand } from '@katavm/lifecycle';
import type { HeldInput } from '../input/held-input.js';
import type { Watched } from '../input/watch-input.js';
import type { AgentOutput } from '../output/open-output.js';
import type { AgentChannel } from './open-channel.js';

export interface AgentStreamsInput {
  readonly stdin: Readable;
  readonly held: HeldInput;
  readonly output: AgentOutput;
  /** The descriptor of `output`. */
  readonly channelDescriptor: number;
  readonly channel: AgentChannel;
}

export interface AgentStreams {
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** To be called when the agent starts, once: from then on what Jenkins sends is the agent's. */
  readonly descriptors: () => Descriptors | undefined;
  watched(command: PipedCommand): Watched;
}

/**
 * What the agent is connected to: Jenkins' own pipes or sockets, where there is no gate that has to see the bytes; else streams of
 * this process.
 */
export function streamsOfAgent({ stdin, held, output, channelDescriptor, channel }: AgentStreamsInput): AgentStreams {
  const direct = channel.straight && [0, channelDescriptor].every(isPipe);
  return {
    stdin,
    stdout: channel.stdout,
    descriptors() {
      if (direct) return { stdin: 0, stdout: channelDescriptor, alreadyRead: held.handOver() };
      held.release();
      return undefined;
    },
    watched: ({ traffic }) => traffic ?? { inputEnded: endOf(stdin), bytesMoved: () => output.bytesWritten },
  };
}

function endOf(stdin: Readable): Promise<void> {
  if (stdin.readableEnded || stdin.destroyed) return Promise.resolve();
  return new Promise((resolve) => void stdin.once('end', resolve).once('close', resolve));
}
