import type { ClientChannel } from 'ssh2';

// What ssh2 1.17 keeps about a channel. Its types hide it; the version is pinned, and contract/ shows that it holds.
interface ChannelState {
  readonly incoming: { window: number; readonly state: 'open' | 'eof' | 'closed' };
  readonly outgoing: { readonly id: number; readonly state: 'open' | 'eof' | 'closing' | 'closed' };
  readonly _client: {
    readonly _protocol: { channelWindowAdjust(id: number, amount: number): void; signal(id: number, name: string): void };
  };
}

interface Pushable {
  push(chunk: Buffer | null): boolean;
  _read(): void;
}

const stateOf = (channel: ClientChannel) => channel as unknown as ChannelState;

/** A sixteenth of ssh2's window (2 MiB): few enough messages, and the sender never runs dry. */
const creditBytes = 128 * 1024;

/**
 * Takes over a channel's receive window: the guest may send as many bytes as were handed on, and the window (2 MiB) more.
 * That bounds what is held here, whichever of stdout and stderr is slow.
 *
 * ssh2 by itself refills the whole window whenever either stream is read, so that a command which writes to both would
 * fill the memory of a process whose stdout is not being read.
 *
 * @returns the function to tell of bytes that were handed on
 */
export function meterWindow(channel: ClientChannel): (bytes: number) => void {
  for (const stream of [channel, channel.stderr] as unknown as Pushable[]) {
    const push = stream.push.bind(stream);
    stream.push = (chunk) => {
      push(chunk);
      return false; // "full": ssh2 does not refill the window here …
    };
    stream._read = () => {}; // … nor here
  }
  const { incoming, outgoing, _client } = stateOf(channel);
  let owed = 0;
  return (bytes) => {
    owed += bytes;
    if (owed < creditBytes || incoming.state !== 'open') return;
    incoming.window += owed;
    _client._protocol.channelWindowAdjust(outgoing.id, owed);
    owed = 0;
  };
}

/** True until the guest has said that no more output comes. */
export function expectsOutput(channel: ClientChannel): boolean {
  return stateOf(channel).incoming.state === 'open';
}

/** Sends a signal, also after the end of stdin: ssh2's own `signal` is silent then. */
export function signalChannel(channel: ClientChannel, name: string): void {
  const { outgoing, _client } = stateOf(channel);
  if (outgoing.state === 'open' || outgoing.state === 'eof') _client._protocol.signal(outgoing.id, name);
}
