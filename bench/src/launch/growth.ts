import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UndoStack } from '@katavm/core';
import { makeMinimalHome } from '../agent/minimal-home.js';
import { makeDisk } from '../master.js';
import { atMost, type Measure, measure, median } from '../measure.js';
import type { Bench } from '../run-bench.js';
import { chart } from './chart.js';
import { type Footprint, footprint } from './footprint.js';
import { makeGrownHome } from './grown-home.js';
import { type Environment, katavm, launch, type Start } from './katavm.js';
import type { Row } from './rows.js';

const sizesInGibibytes = [0.5, 2, 8];
const cloneCounts = [1, 2, 4, 8, 16];
/** Of several at once the mean is taken; one launch of one clone was 0.8 s slower than its neighbours. */
const looksAtOne = 3;
const deletions = 5;
const deleteMilliseconds = 500;

/**
 * How launching, deleting and keeping a clone grow with the master's size and with the number of clones: with the minimal guest, but
 * for the clones of a template, which it cannot be. Those are of the config's own master, and of the same with more data on its disk.
 */
export async function measureGrowth(
  bench: Bench,
  chosen: ReadonlySet<Row>,
  parent: string,
  undo: UndoStack,
  config: string,
): Promise<void> {
  const homes: Environment[] = [];
  for (const size of sizesInGibibytes) {
    bench.say(`filling a master with ${size} GiB`);
    const folder = await mkdtemp(join(parent, 'katavm-bench-'));
    undo.push('folder', () => rm(folder, { recursive: true, force: true }));
    const disk = join(folder, 'disk.qcow2');
    await makeDisk(disk, size, bench.signal);
    homes.push(await makeMinimalHome(parent, undo, bench.signal, disk));
  }
  if (chosen.has('delete')) bench.measured.push(...(await measureDeletes(bench, homes)));
  if (chosen.has('footprint'))
    await measureFootprints(bench, await scenes(bench, chosen, homes, { parent, undo, config }), parent);
}

/** Whose clones are looked at, and in which homes. */
interface Scene {
  readonly mode: Start;
  readonly of: string;
  readonly home: Environment;
  /** One for each of `sizesInGibibytes`; none where the guest alone has more. */
  readonly sized: readonly (Environment | undefined)[];
}

async function scenes(
  { say, signal }: Bench,
  chosen: ReadonlySet<Row>,
  minimal: readonly Environment[],
  { parent, undo, config }: { readonly parent: string; readonly undo: UndoStack; readonly config: string },
): Promise<Scene[]> {
  const found: Scene[] = [{ mode: 'cold', of: 'minimal', home: minimal[0] ?? {}, sized: minimal }];
  if (chosen.has('pooled')) found.push({ mode: 'pooled', of: 'minimal', home: minimal[0] ?? {}, sized: minimal });
  if (!chosen.has('template')) return found;
  const sized: (Environment | undefined)[] = [];
  for (const size of sizesInGibibytes) {
    say(`filling the master of ${config} up to ${size} GiB`);
    sized.push(await makeGrownHome(config, size, parent, undo, signal));
  }
  for (const home of [{}, ...sized]) if (home) await katavm(['master', 'template', config], home, signal);
  return [...found, { mode: 'template', of: config, home: {}, sized }];
}

async function measureDeletes(bench: Bench, homes: readonly Environment[]): Promise<Measure[]> {
  const samples = homes.map(() => ({ launches: [] as number[], deletes: [] as number[] }));
  for (let round = 0; round < deletions; round++) {
    bench.say(`launches and deletes, round ${round + 1}`);
    for (const [index, home] of homes.entries()) {
      const launched = await launch('minimal', 'cold', home, bench.signal);
      samples[index]?.launches.push(launched.firstByteMilliseconds / 1000);
      samples[index]?.deletes.push(await launched.end());
    }
  }
  return samples.flatMap(({ launches, deletes }, index) => [
    measure(`minimal guest, master of ${sizesInGibibytes[index]} GiB: cold`, 's', launches),
    measure(`the same: from the agent's end to nothing left`, 'ms', deletes, atMost(deleteMilliseconds)),
  ]);
}

async function measureFootprints({ say, signal, measured }: Bench, all: readonly Scene[], parent: string): Promise<void> {
  const series = new Map<string, Growth>();
  for (const { mode, of, home, sized } of all) {
    const look = async (where: string, env: Environment, count: number) => {
      say(`${count} idle clones of ${of}, ${mode}, ${where}`);
      const samples: Footprint[] = [];
      while (samples.length < (count === 1 ? looksAtOne : 1)) samples.push(await footprint(of, count, mode, env, signal));
      const row = (what: string, unit: string, figure: keyof Footprint) => {
        const values = samples.map((sample) => sample[figure]);
        measured.push(measure(`an idle ${mode} clone of ${of}, ${where}: ${what}`, unit, values));
        return median(values);
      };
      return {
        memoryMebibytes: row('memory', 'MiB', 'memoryMebibytes'),
        diskKibibytes: row('disk', 'KiB', 'diskKibibytes'),
        launchSeconds: row('its launch', 's', 'launchSeconds'),
      };
    };
    const bySize: (Footprint | undefined)[] = [];
    for (const [index, env] of sized.entries()) {
      bySize.push(env && (await look(`master of ${sizesInGibibytes[index]} GiB`, env, 1)));
    }
    const byCount: Footprint[] = [];
    for (const count of cloneCounts) byCount.push(await look(`one of ${count}`, home, count));
    series.set(`${mode}, ${of}`, { bySize, byCount });
  }
  const path = join(parent, 'katavm-launch.svg');
  await writeFile(path, draw(series));
  say(`chart: ${path}`);
}

/** In the order of `sizesInGibibytes` and of `cloneCounts`. */
interface Growth {
  readonly bySize: readonly (Footprint | undefined)[];
  readonly byCount: readonly Footprint[];
}

const figures: Readonly<Record<keyof Footprint, readonly [title: string, unit: string]>> = {
  memoryMebibytes: ['Memory of an idle clone', 'MiB'],
  diskKibibytes: ['Disk of an idle clone', 'KiB'],
  launchSeconds: ['Its launch', 's'],
};

function draw(series: ReadonlyMap<string, Growth>): string {
  const steps = { bySize: sizesInGibibytes.map((size) => `${size} GiB`), byCount: cloneCounts.map(String) };
  const by = { bySize: "the master's data", byCount: 'the number of clones' };
  const panel = (of: keyof Footprint, growth: keyof Growth) => ({
    title: `${figures[of][0]}, by ${by[growth]}`,
    unit: figures[of][1],
    steps: steps[growth],
    series: [...series].map(([name, taken]) => ({ name, values: taken[growth].map((each) => each?.[of]) })),
  });
  const all = Object.keys(figures) as (keyof Footprint)[];
  return chart(all.flatMap((of) => [panel(of, 'bySize'), panel(of, 'byCount')]));
}
