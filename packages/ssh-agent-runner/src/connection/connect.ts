import { readFile } from 'node:fs/promises';
import { connect as connectSocket, type Socket } from 'node:net';
import { abortReason, messageOf, throwIfAborted } from '@katavm/core';
import type { CipherAlgorithm, Client, ConnectConfig } from 'ssh2';
import type { ConnectInput } from '../adapter.js';
import { takeSocket } from '../banner/wait-for-banner.js';
import { askNoProof } from './ask-no-proof.js';
import type { Connection } from './connection.js';
import { authenticationRefused, guestUnreachable, hostKeyMismatch, privateKeyUnusable } from './failures.js';
import { fingerprintOf, type HostKey, parseHostKey } from './host-key.js';
import { signAtOnce } from './sign-at-once.js';

const defaultTimeoutMilliseconds = 30_000;

/**
 * A guest is given up after 2 minutes without an answer: sooner than Jenkins gives up its channel (4 minutes), which then
 * could not say why, and late enough for a guest that swaps or an emulated one whose host is overloaded.
 */
const keepalive = { keepaliveInterval: 15_000, keepaliveCountMax: 8 } as const;

/** The quickest in Node first (docs/decisions/ssh2.md); CTR and ChaCha20 for a guest whose sshd (dropbear) has no GCM. */
const ciphers: CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com',
];

const p256 = 'ecdh-sha2-nistp256' as const;

/**
 * P-256 before Curve25519: OpenSSH does the first by OpenSSL's code for this processor, the second in portable C of its own (9.2),
 * which takes an emulated guest 15 ms more. ssh2's others follow. ssh2 does to its list what stands here, one after the other.
 */
const keyExchanges = { remove: [p256], prepend: [p256], append: [] };

/**
 * Opens a connection whose host key is known beforehand, with this key and nothing else: no agent, no password.
 *
 * @throws KATAVM_HOST_KEY_MISMATCH, KATAVM_HOST_KEY_INVALID, KATAVM_SSH_REFUSED, KATAVM_SSH_KEY_UNUSABLE,
 * KATAVM_GUEST_UNREACHABLE, KATAVM_INTERRUPTED
 */
export async function openConnection(input: ConnectInput, alive: Partial<ConnectConfig> = keepalive): Promise<Connection> {
  try {
    throwIfAborted(input.signal);
    const hostKey = parseHostKey(input.hostKey);
    // Begun first: the guest's sshd starts while ssh2 loads, which takes 50 ms and more. Only what connects pays for that.
    const early = new EarlySocket(socketFor(input));
    try {
      const { default: ssh2 } = await import('ssh2');
      const privateKey = await readPrivateKey(input.privateKeyPath, ssh2.utils.parseKey);
      throwIfAborted(input.signal);
      return await shakeHands(new ssh2.Client(), early.take(input), input, hostKey, { privateKey, ...alive });
    } catch (error) {
      early.socket.destroy();
      throw error;
    }
  } catch (error) {
    input.greeting?.close();
    throw error;
  }
}

/** A socket whose end is seen also before its client listens, who would not hear of it any more. */
class EarlySocket {
  #failure: unknown;

  constructor(readonly socket: Socket) {
    socket.on('error', (error) => {
      this.#failure = error;
    });
  }

  take({ address }: ConnectInput): Socket {
    if (!this.socket.destroyed) return this.socket;
    throw guestUnreachable(address, this.#failure ?? new Error('the other side closed the connection'));
  }
}

function socketFor({ address, greeting }: ConnectInput): Socket {
  // Nagle's algorithm would hold back small packets for as long as the other side delays its acknowledgements.
  return (greeting && takeSocket(greeting)) ?? connectSocket({ ...address, noDelay: true });
}

async function readPrivateKey(path: string, parseKey: typeof import('ssh2').utils.parseKey): Promise<Buffer> {
  const text = await readFile(path).catch((error) => {
    throw privateKeyUnusable(path, messageOf(error), error);
  });
  const key = parseKey(text);
  if (key instanceof Error) throw privateKeyUnusable(path, key.message, key);
  if (!key.isPrivateKey()) throw privateKeyUnusable(path, 'it is a public key');
  return text;
}

function shakeHands(
  client: Client,
  socket: Socket,
  input: ConnectInput,
  hostKey: HostKey,
  extra: Partial<ConnectConfig>,
): Promise<Connection> {
  const { address, signal } = input;
  let found: Buffer | undefined;
  let failure: unknown;
  let agreed = false;
  let isClosed = false;

  const closed = new Promise<void>((resolve) => {
    client.once('close', () => {
      isClosed = true;
      resolve();
    });
  });
  client.setMaxListeners(0); // one for each command that runs
  client.on('error', (error) => {
    failure ??= error;
    socket.destroy(); // ssh2 only ends its own side, and would wait for the other's
  });
  client.on('handshake', () => {
    agreed = true;
  });
  signAtOnce(client);
  askNoProof(client);

  const close = () => {
    client.end();
    socket.destroySoon(); // does not wait for a dead guest to answer
  };
  const connection: Connection = { client, input, address, closed, isClosed: () => isClosed, cause: () => failure, close };

  return new Promise((resolve, reject) => {
    const abort = () => socket.destroy();
    signal?.addEventListener('abort', abort, { once: true });
    client.once('ready', () => {
      signal?.removeEventListener('abort', abort);
      resolve(connection);
    });
    void closed.then(() => {
      signal?.removeEventListener('abort', abort);
      reject(signal?.aborted ? abortReason(signal) : explain(input, hostKey, { found, failure, agreed }));
    });
    client.connect({
      sock: socket,
      username: input.user,
      authHandler: ['publickey'],
      hostVerifier: (blob: Buffer) => {
        found = blob;
        return blob.equals(hostKey.blob);
      },
      algorithms: { kex: keyExchanges, serverHostKey: [...hostKey.algorithms], cipher: ciphers, compress: ['none'] },
      readyTimeout: input.timeoutMilliseconds ?? defaultTimeoutMilliseconds,
      ...extra,
    });
  });
}

interface Outcome {
  readonly found: Buffer | undefined;
  readonly failure: unknown;
  readonly agreed: boolean;
}

function explain(input: ConnectInput, hostKey: HostKey, { found, failure, agreed }: Outcome) {
  const expected = fingerprintOf(hostKey.blob);
  if (found && !found.equals(hostKey.blob)) return hostKeyMismatch(input.address, expected, fingerprintOf(found));
  if (/no matching host key/.test(messageOf(failure))) return hostKeyMismatch(input.address, expected, 'of another type');
  if (agreed && !/timed out/i.test(messageOf(failure))) {
    return authenticationRefused(input.user, input.address, input.privateKeyPath, failure ?? 'it closed the connection');
  }
  return guestUnreachable(input.address, failure ?? new Error('the other side closed the connection'));
}
