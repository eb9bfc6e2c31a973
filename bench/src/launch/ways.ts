import type { UndoStack } from '@katavm/core';
import { atMost, type Measure, measure, median } from '../measure.js';
import type { Bench } from '../run-bench.js';
import { bootBare } from './bare-qemu.js';
import { bootOf, type Environment, fillPool, katavm, launch } from './katavm.js';
import { Original } from './original.js';
import type { Parts } from './parts.js';
import { restoreBare } from './qemu-restore.js';
import type { Rival } from './rivals.js';
import type { Row } from './rows.js';

/** Two boots of one emulated guest differ by up to 5 s: of 3 rounds, the median of their differences did by 3 from run to run. */
const rounds = 7;

/**
 * What is compared by a difference of seconds, of boots of ten. Boots of one minute differ by 0.6 s and more (standard deviation):
 * over 15 rounds the median of the differences came out at 0.67, 1.11 and 1.17 s within one hour.
 */
const pair: ReadonlySet<string> = new Set<Row>(['bare', 'cold']);
const roundsOfPair = 31;

/** At most so much of what the original needed. */
const shareOfOriginal = { cold: 0.6, pooled: 0.04, template: 0.06 } as const;
/** What katavm may add to a boot. */
const ownSeconds = 1;

export interface Ground {
  readonly bench: Bench;
  readonly parts: Parts;
  readonly env: Environment;
  readonly parent: string;
  readonly uri: string;
  readonly undo: UndoStack;
  /** Masters that cold launches are compared with. */
  readonly rivals: readonly Rival[];
  /** Of each way, in place of those that it takes by itself. */
  readonly rounds: number | undefined;
}

/** At most so much of what QEMU alone needs for the same restore, to the same byte. */
const shareOfRestore = 2;

/**
 * Seconds from a launch to the agent's first byte, each way; QEMU's alone to its SSH banner. Each takes its samples in turns with what it
 * is compared with: what else the host does then meets all alike.
 */
export async function compareWays(ground: Ground, chosen: ReadonlySet<Row>): Promise<Measure[]> {
  const samples = new Map<string, number[]>();
  const ways = await prepare(ground, chosen);
  const roundsOf = (name: string) => ground.rounds ?? (pair.has(name) || isRival(name) ? roundsOfPair : rounds);
  for (let round = 0; round < Math.max(...[...ways.keys()].map(roundsOf)); round++) {
    const wanted = [...ways].filter(([name]) => round < roundsOf(name));
    for (const [, take] of inTurn(wanted, round)) {
      const taken = Object.entries(await take()).map(([what, milliseconds]) => [what, milliseconds / 1000] as const);
      for (const [what, seconds] of taken) samples.set(what, [...(samples.get(what) ?? []), seconds]);
      ground.bench.say(`round ${round + 1}: ${taken.map(([what, seconds]) => `${what} ${seconds.toFixed(2)} s`).join(', ')}`);
    }
  }
  return [...samples].flatMap(([name, taken]) => [measure(nameOf(name, ground), 's', taken), ...goals(name, taken, samples)]);
}

/**
 * In another order each round, in which each comes after another one (E. J. Williams, 1949): what a way leaves behind slows the next.
 * A boot of 16 s took 1.5 s more after a template's clone than after another boot.
 */
function inTurn<T>(ways: readonly T[], round: number): T[] {
  const count = ways.length;
  const places = ways.map((_, index) => (index % 2 === 1 ? (index + 1) / 2 : count - index / 2)); // 0, 1, -1, 2, -2 …
  return places.map((place) => ways[(place + round) % count] as T);
}

const rivalPrefix = 'cold of ';
const isRival = (name: string) => name.startsWith(rivalPrefix);

function nameOf(name: string, { parts }: Ground): string {
  if (name === 'original') return `original's flow, ${(parts.dataBytes / 1024 ** 3).toFixed(1)} GiB of data`;
  if (name === 'restore') return "QEMU alone, restoring, to a command's first byte";
  if (name === 'bare') return 'QEMU alone, to its SSH banner';
  if (name === 'share') return "cold, all but its own guest's boot";
  return name === 'login' ? "QEMU alone, to a command's first byte" : `${name}, to the agent's first byte`;
}

function goals(name: string, taken: readonly number[], samples: ReadonlyMap<string, number[]>): Measure[] {
  if (name !== 'cold' && name !== 'pooled' && name !== 'template') return [];
  const measures: Measure[] = [];
  const original = samples.get('original');
  const bare = samples.get('bare');
  if (original) {
    const shares = taken.map((value) => value / median(original));
    measures.push(measure(`${name} / original`, 'times', shares, atMost(shareOfOriginal[name])));
  }
  const added = (to: readonly number[]) => taken.map((value, round) => value - (to[round] ?? value));
  if (bare && name === 'cold') measures.push(measure('cold less QEMU alone', 's', added(bare), atMost(ownSeconds)));
  for (const [rival, others] of name === 'cold' ? samples : []) {
    const shares = taken.map((value, round) => value / (others[round] ?? value));
    if (isRival(rival)) measures.push(measure(`cold / ${rival}`, 'times', shares));
  }
  const login = samples.get('login');
  if (login && name === 'cold') measures.push(measure('cold less QEMU alone, to the same byte', 's', added(login)));
  const restore = samples.get('restore');
  if (restore && name === 'template') {
    const shares = taken.map((value, round) => value / (restore[round] ?? value));
    measures.push(measure('template / QEMU alone', 'times', shares, atMost(shareOfRestore)));
  }
  return measures;
}

/** Milliseconds, by what they were needed for. */
type Take = () => Promise<Readonly<Record<string, number>>>;

async function prepare(ground: Ground, chosen: ReadonlySet<Row>): Promise<Map<string, Take>> {
  const { bench, parts, env, parent, uri, undo } = ground;
  const ways = new Map<string, Take>();
  if (chosen.has('original')) {
    bench.say('finding out how long the original has to sleep');
    const original = await Original.make(parts, parent, uri, undo, bench.signal);
    let slept = await original.findSleep();
    bench.say(`the original sleeps for ${slept} s`);
    ways.set('original', async () => {
      for (;;) {
        const took = await original.launch(slept);
        if (took !== undefined) return { original: took };
        slept += 30; // "after which its ssh always succeeds": it just did not
        bench.say(`its ssh failed; the original sleeps for ${slept} s from now on`);
      }
    });
  }
  if (chosen.has('bare')) {
    ways.set('bare', async () => {
      const guest = await bootBare(parts, parent, bench.signal);
      try {
        return { bare: guest.bannerMilliseconds, login: await guest.logIn() };
      } finally {
        await guest.end();
      }
    });
  }
  if (chosen.has('template')) {
    const { directory } = JSON.parse(await katavm(['master', 'template', parts.config, '--json'], env, bench.signal));
    ways.set('restore', async () => ({ restore: await restoreBare({ ...parts, template: directory }, parent, bench.signal) }));
  }
  for (const rival of chosen.has('cold') ? ground.rivals : []) {
    bench.say(`preparing ${rival.label}`);
    await katavm(['master', 'build', rival.config], rival.env, bench.signal, rival.program);
    ways.set(`${rivalPrefix}${rival.label}`, async () => {
      const launched = await launch(rival.config, 'cold', rival.env, bench.signal, rival.program);
      await launched.end();
      return { [`${rivalPrefix}${rival.label}`]: launched.firstByteMilliseconds };
    });
  }
  for (const start of ['cold', 'pooled', 'template'] as const) {
    if (!chosen.has(start)) continue;
    ways.set(start, async () => {
      const launched = await launch(parts.config, start, env, bench.signal);
      await launched.end();
      // The guest that takes its place would boot beside the next way, and no other.
      if (start === 'pooled') await fillPool(parts.config, env, bench.signal);
      const { firstByteMilliseconds } = launched;
      if (start !== 'cold') return { [start]: firstByteMilliseconds };
      return { cold: firstByteMilliseconds, share: firstByteMilliseconds - (await bootOf(launched, parts)) };
    });
  }
  return ways;
}
