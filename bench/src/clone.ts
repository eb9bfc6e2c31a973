// How long a clone takes to make, against virt-clone of the same master, and how that grows with the master.
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode, exec, KatavmError, UndoStack } from '@katavm/core';
import { createOverlay, defaultUri } from '@katavm/libvirt';
import { domainName, type Master, makeMaster, removeDomain, removePoolsIn } from './master.js';
import { atLeast, atMost, type Measure, measure, median, timed } from './measure.js';
import { type Bench, runBench } from './run-bench.js';

const sizesInGibibytes = [0.5, 2, 8];
/** Milliseconds each: many, since they are what noise shows in. */
const cloneRounds = 151;
const virtCloneRounds = 5;
/** The masters, and virt-clone's copy of the largest, with some room. */
const neededGibibytes = 20;

await runBench(async (bench) => {
  const parent = process.env['KATAVM_BENCH_DIR'] ?? '/var/tmp';
  await requireSpace(parent);
  const uri = defaultUri();
  const undo = new UndoStack((event) => event.type === 'notice' && bench.say(event.message));
  try {
    const folder = await mkdtemp(join(parent, 'katavm-bench-'));
    undo.push('folder', () => rm(folder, { recursive: true, force: true }));
    undo.push('storage pools', () => removePoolsIn(uri, folder));
    const masters: Master[] = [];
    for (const size of sizesInGibibytes) {
      bench.say(`filling a master with ${size} GiB`);
      const domain = domainName(folder, size);
      for (const name of [domain, copyOf(domain)]) undo.push(`domain ${name}`, () => removeDomain(uri, name));
      masters.push(await makeMaster(folder, size, uri, bench.signal));
    }
    return await compare(bench, masters, folder, uri);
  } finally {
    await undo.unwind();
  }
});

async function compare(bench: Bench, masters: readonly Master[], folder: string, uri: string): Promise<Measure[]> {
  const clones = new Map(masters.map((master) => [master, [] as number[]]));
  // In turns, not size by size: what else the host does then meets all sizes alike.
  for (let round = 0; round < cloneRounds; round++) {
    for (const [master, samples] of clones) samples.push(await timeClone(master, folder, bench.signal));
  }
  const measures: Measure[] = [];
  for (const [master, samples] of clones) {
    bench.say(`virt-clone of ${master.gibibytes} GiB, ${virtCloneRounds} times`);
    const copies: number[] = [];
    for (let round = 0; round < virtCloneRounds; round++) copies.push(await timeVirtClone(master, folder, uri, bench.signal));
    const size = `${master.gibibytes} GiB`;
    measures.push(measure(`clone of ${size}`, 'ms', samples), measure(`virt-clone of ${size}`, 'ms', copies));
    const ratios = copies.map((copy) => copy / median(samples));
    measures.push(measure(`virt-clone / clone at ${size}`, 'times', ratios, atLeast(50)));
  }
  const medians = [...clones.values()].map(median);
  return [...measures, measure('slowest / fastest size', 'times', [Math.max(...medians) / Math.min(...medians)], atMost(1.2))];
}

/**
 * As it is on a host where jobs ran since the master was used last: its pages are not in memory. (dd's manual: "Advise to drop
 * cache for whole file".)
 */
async function forgetPages(master: Master): Promise<void> {
  await exec('dd', [`if=${master.path}`, 'iflag=nocache', 'count=0', 'status=none']);
}

async function timeClone(master: Master, folder: string, signal: AbortSignal): Promise<number> {
  const path = join(folder, 'clone.qcow2');
  await forgetPages(master);
  const took = await timed(() => createOverlay({ path, backing: { path: master.path, format: 'qcow2' }, signal }));
  await rm(path);
  return took;
}

async function timeVirtClone(master: Master, folder: string, uri: string, signal: AbortSignal): Promise<number> {
  const path = join(folder, 'copy.qcow2');
  await forgetPages(master);
  const args = ['--quiet', '--connect', uri, '--original', master.domain, '--name', copyOf(master.domain), '--file', path];
  const took = await timed(() => exec('virt-clone', args, { signal }));
  await removeDomain(uri, copyOf(master.domain));
  await rm(path, { force: true });
  return took;
}

function copyOf(domain: string): string {
  return `${domain}-copy`;
}

async function requireSpace(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = Math.floor((bavail * bsize) / 1024 ** 3);
  if (free >= neededGibibytes) return;
  throw new KatavmError({
    code: 'KATAVM_BENCH_SPACE',
    message: `the benchmark needs ${neededGibibytes} GiB in ${folder}, and ${free} GiB are free`,
    hint: 'KATAVM_BENCH_DIR names another folder',
    exitCode: ExitCode.hostNotReady,
  });
}
