import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UndoStack } from '@katavm/core';
import { makeMinimalHome } from '../agent/minimal-home.js';
import { makeDisk } from '../master.js';
import { atMost, type Measure, measure } from '../measure.js';
import type { Bench } from '../run-bench.js';
import { chart } from './chart.js';
import { type Footprint, footprint } from './footprint.js';
import { type Environment, katavm, launch } from './katavm.js';
import type { Row } from './rows.js';

const sizesInGibibytes = [0.5, 2, 8];
const cloneCounts = [1, 2, 4, 8, 16];
const deletions = 5;
const deleteMilliseconds = 500;

/**
 * How launching, deleting and keeping a clone grow with the master's size and with the number of clones: with the minimal guest, but
 * for the clones of a template, which it cannot be: those are of the config's own master, whatever its size.
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
  if (chosen.has('footprint')) await measureFootprints(bench, homes, chosen, parent, config);
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

async function measureFootprints(
  { say, signal, measured }: Bench,
  homes: readonly Environment[],
  chosen: ReadonlySet<Row>,
  parent: string,
  config: string,
): Promise<void> {
  const modes = (['cold', 'pooled', 'template'] as const).filter((mode) => mode === 'cold' || chosen.has(mode));
  const series = new Map<string, { readonly bySize: Footprint[]; readonly byCount: Footprint[] }>();
  for (const mode of modes) {
    const [of, sized] = mode === 'template' ? [config, []] : ['minimal', homes];
    if (mode === 'template') await katavm(['master', 'template', config], {}, signal);
    const look = async (home: Environment, count: number, where: string) => {
      say(`${count} idle clones of ${of}, ${mode}, ${where}`);
      const taken = await footprint(of, count, mode, home, signal);
      measured.push(measure(`an idle ${mode} clone of ${of}, ${where}: memory`, 'MiB', [taken.memoryMebibytes]));
      measured.push(measure(`an idle ${mode} clone of ${of}, ${where}: disk`, 'KiB', [taken.diskKibibytes]));
      return taken;
    };
    const bySize: Footprint[] = [];
    for (const [index, home] of sized.entries()) bySize.push(await look(home, 1, `master of ${sizesInGibibytes[index]} GiB`));
    const byCount: Footprint[] = [];
    for (const count of cloneCounts) byCount.push(await look(sized[0] ?? {}, count, `one of ${count}`));
    series.set(`${mode}, ${of}`, { bySize, byCount });
  }
  const path = join(parent, 'katavm-launch.svg');
  await writeFile(path, draw(series));
  say(`chart: ${path}`);
}

function draw(series: ReadonlyMap<string, { readonly bySize: Footprint[]; readonly byCount: Footprint[] }>): string {
  const sizes = sizesInGibibytes.map((size) => `${size} GiB`);
  const counts = cloneCounts.map(String);
  const panel = (of: keyof Footprint, by: 'bySize' | 'byCount') => ({
    title: `${of === 'diskKibibytes' ? 'Disk' : 'Memory'} of an idle clone, by ${by === 'bySize' ? "the master's data" : 'the number of clones'}`,
    unit: of === 'diskKibibytes' ? 'KiB' : 'MiB',
    steps: by === 'bySize' ? sizes : counts,
    series: [...series]
      .filter(([, taken]) => taken[by].length > 0)
      .map(([name, taken]) => ({ name, values: taken[by].map((each) => each[of]) })),
  });
  return chart([
    panel('memoryMebibytes', 'bySize'),
    panel('memoryMebibytes', 'byCount'),
    panel('diskKibibytes', 'bySize'),
    panel('diskKibibytes', 'byCount'),
  ]);
}
