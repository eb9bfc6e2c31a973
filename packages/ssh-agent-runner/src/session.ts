import type { ConnectInput, GuestSession } from './adapter.js';
import { pipe } from './command/pipe.js';
import { run } from './command/run.js';
import { openConnection } from './connection/connect.js';
import type { Connection } from './connection/connection.js';
import { pipeDescriptors } from './descriptors/pipe-descriptors.js';
import { putFile } from './files/put-file.js';
import { login } from './terminal/login.js';

/**
 * Connects to a guest whose host key is known beforehand.
 *
 * @throws KATAVM_HOST_KEY_MISMATCH, KATAVM_HOST_KEY_INVALID, KATAVM_SSH_REFUSED, KATAVM_SSH_KEY_UNUSABLE,
 * KATAVM_GUEST_UNREACHABLE, KATAVM_INTERRUPTED
 */
export async function connect(input: ConnectInput): Promise<GuestSession> {
  return sessionOf(await openConnection(input));
}

export function sessionOf(connection: Connection): GuestSession {
  return {
    run: (command, options) => run(connection, command, options),
    pipe: (command, { descriptors, ...options }) =>
      descriptors ? pipeDescriptors(connection, command, { ...options, descriptors }) : pipe(connection, command, options),
    login: (streams) => login(connection, streams),
    putFile: (input) => putFile(connection, input),
    closed: connection.closed,
    close: () => connection.close(),
  };
}
