import { constants } from 'node:os';
import type { Client, ClientChannel } from 'ssh2';
import type { CommandEnd } from '../adapter.js';
import { type Connection, openChannel } from '../connection/connection.js';
import { guestLost } from '../connection/failures.js';
import { expectsOutput, meterWindow, signalChannel } from './flow-control.js';

/** A command that runs in the guest. */
export interface Command {
  readonly channel: ClientChannel;
  /** Tells that bytes of its output were handed on, so that it may write as many more. */
  readonly handedOn: (bytes: number) => void;
  /** Resolves when its channel is closed and its output was read. @throws KATAVM_GUEST_LOST */
  readonly ended: Promise<CommandEnd>;
  sendSignal(name: string): void;
  /** Asks the command to end, and closes the channel: nothing more of it is received. */
  end(signal: 'PIPE' | 'TERM' | 'HUP'): void;
}

/** What ssh2 gives with `close`: the arguments of `exit`, or nothing where the guest never told how the command ended. */
type CloseArguments = [code?: number | null, signal?: string];

/** @throws KATAVM_GUEST_LOST, KATAVM_SSH_CHANNEL_REFUSED */
export function openCommand(connection: Connection, text: string): Promise<Command> {
  return request(connection, 'starting a command', (client, callback) => client.exec(text, callback));
}

/** @throws KATAVM_GUEST_LOST, KATAVM_SSH_CHANNEL_REFUSED */
export function openShell(
  connection: Connection,
  terminal: { readonly term: string; readonly rows: number; readonly cols: number },
): Promise<Command> {
  return request(connection, 'starting a login shell', (client, callback) => client.shell(terminal, callback));
}

function request(
  connection: Connection,
  doing: string,
  ask: (client: Client, callback: (error: Error | undefined, channel: ClientChannel) => void) => void,
): Promise<Command> {
  return openChannel(connection, doing, ask, (channel) => follow(connection, channel));
}

function follow(connection: Connection, channel: ClientChannel): Command {
  let cut = false;
  // Output can come after the exit code, so that the code alone does not prove that all of it came.
  const onConnectionClosed = () => {
    cut = expectsOutput(channel);
  };
  connection.client.once('close', onConnectionClosed);
  const handedOn = meterWindow(channel);
  channel.on('error', () => {}); // writing to a channel that the guest has closed; its end is told by `close`

  const ended = new Promise<CommandEnd>((resolve, reject) => {
    channel.once('close', (...[code, signal]: CloseArguments) => {
      connection.client.off('close', onConnectionClosed);
      const end = cut ? undefined : commandEnd(code, signal);
      if (end) resolve(end);
      else reject(guestLost(connection.address, 'a command ran', connection.cause()));
    });
  });
  ended.catch(() => {}); // whoever waits for it still gets the rejection

  const sendSignal = (name: string) => signalChannel(channel, name);
  const end = (name: string) => {
    sendSignal(name);
    channel.close();
  };
  return { channel, handedOn, ended, sendSignal, end };
}

function commandEnd(code: number | null | undefined, signal: string | undefined): CommandEnd | undefined {
  if (typeof code === 'number') return { exitCode: code, signal: undefined };
  return signal === undefined ? undefined : endedBySignal(signal.replace(/^SIG/, ''));
}

/** 128 + the signal's number, as shells report it; 255, as ssh reports it, for a signal that has no number here. */
export function endedBySignal(name: string): CommandEnd {
  const number = (constants.signals as Readonly<Record<string, number>>)[`SIG${name}`];
  return { exitCode: number === undefined ? 255 : 128 + number, signal: name };
}
