import { waitFor } from '@katavm/core';
import type { BannerInput, Greeting, SshAdapter } from '../adapter.js';
import { firstToSpeak } from './first-to-speak.js';
import type { Spoken } from './read-banner.js';

/**
 * Resolves with the server's banner when it comes: a connection that is accepted proves nothing, since QEMU's user networking
 * accepts before the guest listens.
 *
 * @throws KATAVM_WAIT_TIMED_OUT, KATAVM_INTERRUPTED
 */
export const waitForBanner: SshAdapter['waitForBanner'] = async (input) => {
  const greeting = await greet(input);
  greeting.close();
  return greeting.banner;
};

/** What a greeting holds beside what it shows: only `connect` of this package takes it. */
const sockets = new WeakMap<Greeting, Spoken['socket']>();

/**
 * Waits for the banner as `waitForBanner` does, and keeps the connection that it came on, for `connect`.
 *
 * @throws KATAVM_WAIT_TIMED_OUT, KATAVM_INTERRUPTED
 */
export async function greet(input: BannerInput): Promise<Greeting> {
  const { address, timeoutMilliseconds, hint, signal, emit } = input;
  // Whoever greets connects next: ssh2 loads while the guest boots.
  import('ssh2').catch(() => {}); // connecting meets the failure
  const { banner, socket } = await waitFor(
    {
      name: `the SSH banner on ${address.host}:${address.port}`,
      probe: (ending) => firstToSpeak(input, ending),
      timeoutMilliseconds,
      hint,
    },
    { signal, emit },
  );
  const greeting: Greeting = { banner, close: () => void socket.destroy() };
  sockets.set(greeting, socket);
  return greeting;
}

/** The open connection of a greeting; `undefined` where it was closed, or taken before. */
export function takeSocket(greeting: Greeting): Spoken['socket'] | undefined {
  const socket = sockets.get(greeting);
  sockets.delete(greeting);
  return socket?.destroyed ? undefined : socket;
}
