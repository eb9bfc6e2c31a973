import { setTimeout as pause } from 'node:timers/promises';
import type { GuestAddress } from '../adapter.js';
import { type BannerOutcome, readBanner, type Spoken } from './read-banner.js';

/** How many connections may be under way at once, how long each is given, and the time from one to the next. */
interface Plan {
  readonly patienceMilliseconds: readonly number[];
  readonly staggerMilliseconds: number;
}

/**
 * As long as nothing was heard of the guest. Fresh connections matter, because a SYN that slirp sent to a guest without a
 * network is sent again only after seconds; patient ones, because a server that systemd listens for (ssh.socket) may need
 * seconds to start. Six in all: sshd drops connections from the tenth unauthenticated one on (MaxStartups 10:30:100).
 */
const asleep: Plan = { patienceMilliseconds: [1000, 2000, 4000, 8000, 16_000, 30_000], staggerMilliseconds: 100 };

/**
 * A guest that has refused a connection has a network. One that is not refused has then reached the server: another would
 * only take the processor from it. For each, sshd starts itself anew, which takes an emulated guest half a second; thirty of
 * them were seen to hold the banner up by 10 s, and the handshake by as much. Others follow in case the first was lost.
 */
const awake: Plan = { patienceMilliseconds: [30_000, 20_000, 10_000], staggerMilliseconds: 5000 };

const afterRefusalMilliseconds = 20;

/** Connects until a server speaks, and returns that connection, all others closed; `undefined` when the signal ends it. */
export async function firstToSpeak(address: GuestAddress, ending: AbortSignal): Promise<Spoken | undefined> {
  for (let plan = asleep; !ending.aborted; ) {
    const outcome = await look(plan, address, ending);
    if (typeof outcome === 'object') {
      if (!ending.aborted) return outcome;
      outcome.socket.destroy(); // nobody waits for it any more
    }
    if (outcome === 'refused') plan = awake;
    await pauseFor(afterRefusalMilliseconds, ending);
  }
  return undefined;
}

/** Until the first that speaks, or is refused. */
async function look(plan: Plan, address: GuestAddress, ending: AbortSignal): Promise<BannerOutcome> {
  const over = new AbortController();
  const cut = AbortSignal.any([ending, over.signal]);
  const free = new Set(plan.patienceMilliseconds);
  const underWay = new Set<Promise<BannerOutcome>>();
  let result: BannerOutcome = 'silent';

  const begin = (patience: number) => {
    free.delete(patience);
    const attempt = readBanner(address, AbortSignal.any([cut, AbortSignal.timeout(patience)]));
    underWay.add(attempt);
    void attempt.then((outcome) => {
      free.add(patience);
      if (typeof outcome !== 'object') underWay.delete(attempt);
    });
  };

  while (!cut.aborted && result === 'silent') {
    if (free.size > 0) begin(Math.min(...free));
    const next = await Promise.race([...underWay, ...(free.size > 0 ? [pauseFor(plan.staggerMilliseconds, cut)] : [])]);
    if (next === 'unreachable') await pauseFor(afterRefusalMilliseconds, cut);
    else if (next !== 'paused') result = next;
  }
  over.abort();
  return closeOthers(await Promise.all(underWay)) ?? result;
}

/** Several can have spoken at once. */
function closeOthers(outcomes: readonly BannerOutcome[]): Spoken | undefined {
  const [first, ...others] = outcomes.filter((outcome) => typeof outcome === 'object');
  for (const { socket } of others) socket.destroy();
  return first;
}

async function pauseFor(milliseconds: number, over: AbortSignal): Promise<'paused'> {
  await pause(milliseconds, undefined, { signal: over }).catch(() => {}); // the loops look at `over` themselves
  return 'paused';
}
