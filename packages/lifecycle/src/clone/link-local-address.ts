import { connect } from 'node:net';

/**
 * The IPv6 link-local address that a guest's kernel gives to an interface with this MAC (RFC 4291, appendix A: the MAC with
 * its universal bit flipped and ff:fe in the middle), as reached through a bridge of this host.
 */
export function linkLocalAddress(macAddress: string, bridge: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = macAddress.split(':').map((byte) => Number.parseInt(byte, 16));
  const groups = [((a ^ 2) << 8) | b, (c << 8) | 0xff, 0xfe00 | d, (e << 8) | f];
  return `fe80::${groups.map((group) => group.toString(16)).join(':')}%${bridge}`;
}

/** On a link of this host an answer takes a millisecond; a neighbour that does not exist is given up by the kernel after 3 s. */
const timeoutMilliseconds = 500;

/** Whether something listens there. On a bridge, unlike on user networking, an accepted connection is the guest's own. */
export function listens(host: string, port: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMilliseconds, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
