import { atLeast, atMost, type Measure, measure, median } from '../measure.js';
import type { Session } from './session.js';

/** `control` is a second one of what `ssh` is: what it differs from that by, is what this run cannot tell. */
const kindsOfSession = ['hook', 'ssh', 'control'] as const;
type KindOfSession = (typeof kindsOfSession)[number];

const trips = 100;
const quantities = ['upload', 'download', 'trip'] as const;
type Quantity = (typeof quantities)[number];

const names: Record<Quantity, string> = { upload: 'to the far end', download: 'from the far end', trip: 'round trip' };
const units: Record<Quantity, string> = { upload: 'MB/s', download: 'MB/s', trip: 'ms' };
const goals = { upload: atLeast(1), download: atLeast(1), trip: atMost(1.1) };

/** By quantity and session: one sample for each round. */
export type Samples = Readonly<Record<Quantity, Readonly<Record<KindOfSession, readonly number[]>>>>;

export interface Amount {
  readonly bytes: number;
  readonly rounds: { readonly bytes: number; readonly trips: number };
}

/** In turns, and by turns the first: what else the host does meets all alike, and so does what a pause does to who follows it. */
export async function sample(sessions: Readonly<Record<KindOfSession, Session>>, amount: Amount): Promise<Samples> {
  const take: Record<Quantity, (session: Session) => Promise<number>> = {
    upload: (session) => session.upload(amount.bytes),
    download: (session) => session.download(amount.bytes),
    trip: async (session) => median(await session.roundTrips(trips)),
  };
  const inTurns = async (quantity: Quantity) => {
    const taken: Record<KindOfSession, number[]> = { hook: [], ssh: [], control: [] };
    const rounds = quantity === 'trip' ? amount.rounds.trips : amount.rounds.bytes;
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < kindsOfSession.length; turn++) {
        const kind = kindsOfSession[(round + turn) % kindsOfSession.length] ?? 'hook';
        taken[kind].push(await take[quantity](sessions[kind]));
      }
    }
    return taken;
  };
  return { upload: await inTurns('upload'), download: await inTurns('download'), trip: await inTurns('trip') };
}

/** Of several guests a ratio is the median of their medians. */
export function measuresOf(where: string, taken: readonly Samples[]): Measure[] {
  return quantities.flatMap((quantity) => {
    const [name, unit] = [`${where}: ${names[quantity]}`, units[quantity]];
    const all = (kind: KindOfSession) => taken.flatMap((samples) => samples[quantity][kind]);
    const ratios = (kind: KindOfSession) => {
      const byRound = taken.map((samples) => {
        const { [kind]: values, ssh } = samples[quantity];
        return values.map((value, round) => value / (ssh[round] ?? value));
      });
      return byRound.length > 1 ? byRound.map(median) : byRound.flat();
    };
    return [
      measure(`${name}, hook`, unit, all('hook')),
      measure(`${name}, ssh`, unit, all('ssh')),
      measure(`${name}, hook / ssh`, 'times', ratios('hook'), goals[quantity]),
      measure(`${name}, another ssh / ssh`, 'times', ratios('control')),
    ];
  });
}
