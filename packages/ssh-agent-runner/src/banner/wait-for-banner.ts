import { setTimeout as pause } from 'node:timers/promises';
import { waitFor } from '@katavm/core';
import type { GuestAddress, SshAdapter } from '../adapter.js';
import { type BannerOutcome, readBanner } from './read-banner.js';

/**
 * How long each of the attempts that may be under way at once is given. Fresh ones matter because a SYN that slirp sent to a
 * guest without a network is sent again only after seconds; patient ones because sshd on a loaded, emulated host needs
 * seconds to start. Six in all: sshd drops connections from the tenth unauthenticated one on (MaxStartups 10:30:100).
 */
const patienceMilliseconds = [1000, 2000, 4000, 8000, 16_000, 30_000] as const;
const staggerMilliseconds = 100;
const afterRefusalMilliseconds = 20;

/**
 * Resolves with the server's banner when it comes: a connection that is accepted proves nothing, since QEMU's user networking
 * accepts before the guest listens. Several attempts are under way at once, and the first banner wins.
 *
 * @throws KATAVM_WAIT_TIMED_OUT, KATAVM_INTERRUPTED
 */
export const waitForBanner: SshAdapter['waitForBanner'] = ({ address, timeoutMilliseconds, hint, signal, emit }) =>
  waitFor(
    {
      name: `the SSH banner on ${address.host}:${address.port}`,
      probe: (ending) => firstBanner(address, ending),
      timeoutMilliseconds,
      hint,
    },
    { signal, emit },
  );

async function firstBanner(address: GuestAddress, ending: AbortSignal): Promise<string | undefined> {
  const won = new AbortController();
  const over = AbortSignal.any([ending, won.signal]);
  const free = new Set<number>(patienceMilliseconds);
  const underWay = new Set<Promise<BannerOutcome>>();
  let banner: string | undefined;

  const begin = (patience: number) => {
    free.delete(patience);
    const attempt = readBanner(address, AbortSignal.any([over, AbortSignal.timeout(patience)]));
    underWay.add(attempt);
    void attempt.then((outcome) => {
      underWay.delete(attempt);
      free.add(patience);
      if (typeof outcome === 'object') banner ??= outcome.banner;
    });
  };

  while (!over.aborted && banner === undefined) {
    if (free.size > 0) begin(Math.min(...free));
    const next = await Promise.race([...underWay, ...(free.size > 0 ? [pauseFor(staggerMilliseconds, over)] : [])]);
    if (next === 'refused' && banner === undefined) await pauseFor(afterRefusalMilliseconds, over);
  }
  won.abort();
  await Promise.all(underWay);
  return banner;
}

async function pauseFor(milliseconds: number, over: AbortSignal): Promise<'paused'> {
  await pause(milliseconds, undefined, { signal: over }).catch(() => {}); // the loop looks at `over` itself
  return 'paused';
}
