import type { Client } from 'ssh2';
import type { ConnectInput, GuestAddress } from '../adapter.js';
import { channelRefused, guestLost } from './failures.js';

/** An authenticated connection, and what is known about its end. */
export interface Connection {
  readonly client: Client;
  /** What opened it, and opens another. */
  readonly input: ConnectInput;
  readonly address: GuestAddress;
  readonly closed: Promise<void>;
  readonly isClosed: () => boolean;
  /** Why it ended, where something said so. */
  readonly cause: () => unknown;
  close(): void;
}

/** Asks for a channel. `onOpen` runs in the same turn as the server's answer, so that no event of the channel is missed. */
export function openChannel<C, T>(
  connection: Connection,
  doing: string,
  request: (client: Client, callback: (error: Error | undefined, channel: C) => void) => void,
  onOpen: (channel: C) => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      const lost = connection.isClosed() || /not connected/i.test(String(error));
      reject(lost ? guestLost(connection.address, doing, connection.cause()) : channelRefused(connection.address, doing, error));
    };
    try {
      request(connection.client, (error, channel) => (error ? fail(error) : resolve(onOpen(channel))));
    } catch (error) {
      fail(error); // ssh2 throws where the connection has ended
    }
  });
}
