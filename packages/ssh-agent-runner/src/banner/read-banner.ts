import { connect } from 'node:net';
import type { GuestAddress } from '../adapter.js';

/** RFC 4253, 4.2: the identification is one line of at most 255 characters; other lines may come before it. */
const mostBytes = 8192;

/** The server's first `SSH-` line, or why it did not come: `refused` (look again at once) or `silent` (cut off by the signal). */
export type BannerOutcome = { readonly banner: string } | 'refused' | 'silent';

/** One connection that lives until the banner comes, the other end closes it, or the signal ends it. */
export function readBanner({ host, port }: GuestAddress, signal: AbortSignal): Promise<BannerOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, signal });
    let seen = '';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      seen += text;
      const banner = /^(SSH-[^\r\n]*)\r?\n/m.exec(seen)?.[1];
      if (banner !== undefined) resolve({ banner });
      if (banner !== undefined || seen.length > mostBytes) socket.destroy();
    });
    // slirp accepts for a guest that does not listen, and closes when the guest's kernel answers with a reset.
    socket.on('error', () => {});
    socket.on('close', () => resolve(signal.aborted ? 'silent' : 'refused'));
  });
}
