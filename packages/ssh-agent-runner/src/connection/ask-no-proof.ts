import type { Client } from 'ssh2';

type OnGlobalRequest = (protocol: unknown, name: string, wantReply: boolean, data: unknown) => void;

// What ssh2 1.17 keeps about a client. Its types hide it; the version is pinned, and contract/ shows that it holds.
interface ClientState {
  readonly _protocol: { readonly _handlers: { GLOBAL_REQUEST: OnGlobalRequest } };
}

/**
 * After a login OpenSSH names its host keys, for clients that remember them, and ssh2 has it prove each with a signature (PROTOCOL,
 * 2.5). The one that counts is known here and was verified. A signature takes an emulated guest 20 ms, and the command waits for it.
 */
export function askNoProof(client: Client): void {
  client.once('handshake', () => {
    const { _handlers: handlers } = (client as unknown as ClientState)._protocol;
    const answer = handlers.GLOBAL_REQUEST;
    handlers.GLOBAL_REQUEST = (protocol, name, wantReply, data) => {
      if (name !== 'hostkeys-00@openssh.com') answer(protocol, name, wantReply, data);
    };
  });
}
