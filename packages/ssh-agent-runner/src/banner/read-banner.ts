import { connect, type Socket } from 'node:net';
import { systemErrorCode } from '@katavm/core';
import type { GuestAddress } from '../adapter.js';

/** RFC 4253, 4.2: the identification is one line of at most 255 characters; other lines may come before it. */
const mostBytes = 8192;

/** A connection on which the server has said what it is. The banner is still to be read from the socket, for an SSH client. */
export interface Spoken {
  readonly banner: string;
  readonly socket: Socket;
}

/**
 * The server's first `SSH-` line; or why it did not come. `refused`: the other side does not listen, or hung up; so it is there.
 * `unreachable`: this host knows no way to it, or forwards to it no more, or not yet. `silent`: cut off by the signal.
 */
export type BannerOutcome = Spoken | 'refused' | 'unreachable' | 'silent';

/** One connection that lives until the banner comes, the other end closes it, or the signal ends it. */
export function readBanner({ host, port }: GuestAddress, signal: AbortSignal): Promise<BannerOutcome> {
  return new Promise((resolve) => {
    // Nagle's algorithm would hold back small packets for as long as the other side delays its acknowledgements.
    const socket = connect({ host, port, noDelay: true });
    const cut = () => socket.destroy();
    if (signal.aborted) cut();
    signal.addEventListener('abort', cut, { once: true });
    let seen = Buffer.alloc(0);
    let failure: unknown;
    const look = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      const banner = /^(SSH-[^\r\n]*)\r?\n/m.exec(seen.toString('latin1'))?.[1];
      if (banner === undefined) {
        if (seen.length > mostBytes) cut();
        return;
      }
      socket.pause();
      socket.off('data', look).off('close', ended);
      signal.removeEventListener('abort', cut);
      socket.unshift(seen);
      resolve({ banner, socket });
    };
    const ended = () => {
      signal.removeEventListener('abort', cut);
      resolve(signal.aborted ? 'silent' : isOfThisSide(failure, host) ? 'unreachable' : 'refused');
    };
    // slirp accepts for a guest that does not listen, and closes when the guest's kernel answers with a reset.
    socket.on('data', look).on('close', ended);
    socket.on('error', (error) => {
      failure = error;
    });
  });
}

const ofTheOtherSide: readonly string[] = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE'];

/** EHOSTUNREACH, ENETUNREACH and their like; and a refusal by this host itself, where QEMU is to listen for the guest. */
function isOfThisSide(error: unknown, host: string): boolean {
  const code = systemErrorCode(error);
  if (code === 'ECONNREFUSED' && host.startsWith('127.')) return true;
  return code !== undefined && !ofTheOtherSide.includes(code);
}
