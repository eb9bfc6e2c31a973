import { atMost, type Measure, measure, timed } from '../measure.js';
import { bootBare } from './bare-qemu.js';
import { launch } from './katavm.js';
import type { Ground } from './ways.js';

const clones = 8;
/** Emulated, a round takes 4 minutes. */
const rounds = { tcg: 3, kvm: 5 } as const;
/** The wall time of the clones against that of as many QEMUs alone. */
const share = 1.1;

/** Many at once, which share the host's processors: until the last one's agent has spoken. In turns with as many QEMUs alone. */
export async function compareAtOnce(ground: Ground): Promise<Measure[]> {
  const { bench, parts, env, parent } = ground;
  const bare = async () => {
    const guest = await bootBare(parts, parent, bench.signal);
    return () => guest.end();
  };
  const ours = async () => {
    const launched = await launch(parts.config, 'cold', env, bench.signal);
    return () => launched.end();
  };
  const seconds = { bare: [] as number[], ours: [] as number[] };
  for (let round = 1; round <= rounds[parts.accelerator]; round++) {
    bench.say(`${clones} QEMUs alone at once, and ${clones} clones, round ${round}`);
    seconds.bare.push((await all(bare)) / 1000);
    seconds.ours.push((await all(ours)) / 1000);
  }
  const ratios = seconds.ours.map((value, round) => value / (seconds.bare[round] ?? value));
  return [
    measure(`${clones} QEMUs alone at once, to the last SSH banner`, 's', seconds.bare),
    measure(`${clones} clones at once, to the last agent's first byte`, 's', seconds.ours),
    measure(`${clones} clones at once / QEMUs alone`, 'times', ratios, atMost(share)),
  ];
}

/** Milliseconds until all have begun; then each is ended, also where another failed. */
async function all(begin: () => Promise<() => Promise<unknown>>): Promise<number> {
  const begun = Array.from({ length: clones }, begin);
  try {
    return await timed(() => Promise.all(begun));
  } finally {
    const settled = await Promise.allSettled(begun);
    await Promise.all(settled.map((each) => (each.status === 'fulfilled' ? each.value() : undefined)));
  }
}
