import { setTimeout as pause } from 'node:timers/promises';
import type { BannerInput, GuestAddress } from '../adapter.js';
import { type BannerOutcome, readBanner, type Spoken } from './read-banner.js';

/** Where attempts are made, and how they follow each other as long as none is answered. */
interface Line {
  readonly address: GuestAddress;
  /** The first is made then. */
  readonly begin: (over: AbortSignal) => Promise<unknown>;
  readonly everyMilliseconds: number;
  /** At least so much of the time since the first lies between two: a guest that is late is asked less often. */
  readonly share: number;
  /** The oldest is given up for one more. */
  readonly mostAtOnce: number;
}

const atOnce = async () => {};

/** sshd drops connections from the tenth unauthenticated one on (MaxStartups 10:30:100). */
const callsAtOnce = { mostAtOnce: 6 };

const everyMilliseconds = 20;

/**
 * As long as nothing was heard of the guest, at a port where nobody listens: its kernel refuses there as soon as it has an address.
 * Each attempt is a fresh one, because slirp drops a SYN that was sent to a guest without a network, and sends it again after 6 s,
 * and after 18, also for a connection that was closed here long ago. At a closed port such a late one costs the guest little; at its
 * SSH server each costs a start of sshd, half a second where it is emulated, in the middle of what the job measures.
 *
 * The share bounds what QEMU holds open: slirp keeps a connection for 75 s, so there are never 800 of 1024 descriptors.
 */
const knocking = { everyMilliseconds, share: 0.005, mostAtOnce: Number.POSITIVE_INFINITY };

/**
 * Beside that, for a guest whose firewall lets nothing through but SSH, or whose card never tells that it is up: from when most others
 * have refused. One that is called before hears of it late, from slirp, while its job begins.
 */
const inAnyCase = { share: 0.5, ...callsAtOnce };
/** Emulated, a Debian takes 9 to 14 s on an idle host. */
const mostHaveBooted = { milliseconds: 5000, emulatedMilliseconds: 30_000 };

/** Where no closed port is known. With this share six of them last: a server that systemd listens for may need seconds to start. */
const callingAlone = { begin: atOnce, everyMilliseconds, share: 0.5, ...callsAtOnce };

/**
 * A guest that has refused has a network, and a connection that is not refused has reached the server: another would only take the
 * processor from it. Others follow in case the first was lost.
 */
const calling = { begin: atOnce, everyMilliseconds: 5000, share: 0, ...callsAtOnce };

/** slirp gives a connection up after 75 s, which would look like a guest that refuses. */
const patienceMilliseconds = 30_000;

/** Connects until a server speaks, and returns that connection, all others closed; `undefined` when the signal ends it. */
export async function firstToSpeak(input: AskInput, ending: AbortSignal): Promise<Spoken | undefined> {
  let answer = await firstAnswer(linesTo(input), ending);
  while (answer === 'refused') {
    await pauseFor(everyMilliseconds, ending);
    answer = await firstAnswer([{ ...calling, address: input.address }], ending);
  }
  return answer;
}

type AskInput = Pick<BannerInput, 'address' | 'closedPort' | 'networkUp' | 'emulated'>;

/** By which a guest is asked of which nothing was heard. */
function linesTo({ address, closedPort, networkUp, emulated = false }: AskInput): readonly Line[] {
  if (!closedPort) return [{ ...callingAlone, address }];
  const late = emulated ? mostHaveBooted.emulatedMilliseconds : mostHaveBooted.milliseconds;
  const begin = networkUp ? (over: AbortSignal) => within(forever, networkUp, over) : atOnce;
  return [
    { ...knocking, address: closedPort, begin },
    { ...inAnyCase, address, begin: (over) => pauseFor(late, over), everyMilliseconds: late / 2 },
  ];
}

type Answer = Spoken | 'refused';

const isAnswer = (outcome: BannerOutcome | 'paused'): outcome is Answer => typeof outcome === 'object' || outcome === 'refused';

/** The first that anybody gives on any of these lines. */
async function firstAnswer(lines: readonly Line[], ending: AbortSignal): Promise<Answer | undefined> {
  const over = new AbortController();
  const cut = AbortSignal.any([ending, over.signal]);
  const underWay = new Set<Promise<BannerOutcome>>();
  const attempt: Attempt = (address, givenUp) => {
    const outcome = readBanner(address, AbortSignal.any([cut, givenUp, AbortSignal.timeout(patienceMilliseconds)]));
    underWay.add(outcome);
    void outcome.then((value) => isAnswer(value) || underWay.delete(outcome));
    return outcome;
  };
  await Promise.race(lines.map((line) => ask(line, attempt, cut)));
  over.abort();
  return ending.aborted ? hangUp(await Promise.all(underWay)) : keepOne(await Promise.all(underWay));
}

type Attempt = (address: GuestAddress, givenUp: AbortSignal) => Promise<BannerOutcome>;

/** Until one of the line's attempts is answered, or the signal cuts it. */
async function ask(line: Line, attempt: Attempt, cut: AbortSignal): Promise<void> {
  const answered = new AbortController();
  const over = AbortSignal.any([cut, answered.signal]);
  const open = new Map<Promise<BannerOutcome>, AbortController>();
  await line.begin(over);
  const began = performance.now();
  while (!over.aborted) {
    if (open.size >= line.mostAtOnce) await giveUpOldest(open);
    const patience = new AbortController();
    const outcome = attempt(line.address, patience.signal);
    open.set(outcome, patience);
    void outcome.then((value) => {
      open.delete(outcome);
      if (isAnswer(value)) answered.abort();
    });
    const next = Math.max(line.everyMilliseconds, line.share * (performance.now() - began));
    // Nobody answers for it yet, not even slirp.
    if ((await within(next, outcome, over)) === 'unreachable') await pauseFor(everyMilliseconds, over);
  }
}

async function giveUpOldest(open: ReadonlyMap<Promise<BannerOutcome>, AbortController>): Promise<void> {
  for (const [outcome, patience] of open) {
    patience.abort();
    await outcome;
    return;
  }
}

/** Several can have spoken at once. */
function keepOne(outcomes: readonly BannerOutcome[]): Answer | undefined {
  const [first, ...others] = outcomes.filter((outcome) => typeof outcome === 'object');
  hangUp(others);
  return first ?? (outcomes.includes('refused') ? 'refused' : undefined);
}

function hangUp(outcomes: readonly BannerOutcome[]): undefined {
  for (const outcome of outcomes) if (typeof outcome === 'object') outcome.socket.destroy();
}

/** What comes in time ends the pause, too: at a host that refuses hundreds of them would pile up. */
async function within<T>(milliseconds: number, awaited: Promise<T>, over: AbortSignal): Promise<T | 'paused'> {
  const known = new AbortController();
  try {
    return await Promise.race([awaited, pauseFor(milliseconds, AbortSignal.any([over, known.signal]))]);
  } finally {
    known.abort();
  }
}

/** Node's timers take no longer time. */
const forever = 2 ** 31 - 1;

async function pauseFor(milliseconds: number, over: AbortSignal): Promise<'paused'> {
  await pause(milliseconds, undefined, { signal: over }).catch(() => {}); // the loops look at `over` themselves
  return 'paused';
}
