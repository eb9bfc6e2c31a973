import { atMost, type Measure, measure, timed } from '../measure.js';
import { bootBare } from './bare-qemu.js';
import { launch } from './katavm.js';
import type { Ground } from './ways.js';

const clones = 8;
/** The wall time of the clones against that of as many QEMUs alone. */
const share = 1.1;

/** Many at once, which share the host's processors: until the last one's agent has spoken. */
export async function compareAtOnce({ bench, parts, env, parent }: Ground): Promise<Measure[]> {
  bench.say(`${clones} QEMUs alone, at once`);
  const bare = await all(async () => {
    const guest = await bootBare(parts, parent, bench.signal);
    return () => guest.end();
  });
  bench.say(`${clones} clones at once`);
  const ours = await all(async () => {
    const launched = await launch(parts.config, 'cold', env, bench.signal);
    return () => launched.end();
  });
  return [
    measure(`${clones} QEMUs alone at once, to the last SSH banner`, 's', [bare / 1000]),
    measure(`${clones} clones at once, to the last agent's first byte`, 's', [ours / 1000]),
    measure(`${clones} clones at once / QEMUs alone`, 'times', [ours / bare], atMost(share)),
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
