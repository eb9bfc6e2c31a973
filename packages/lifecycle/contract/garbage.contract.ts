// What gc takes and what it leaves, with real locks (flock), on a libvirt in memory.
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toVmName, UndoStack } from '@katavm/core';
import { describe, expect, test } from 'vitest';
import { writePartialBuild } from '../src/build/partial-build.js';
import { holdJob } from '../src/clone/job-lock.js';
import { makeClone } from '../src/clone/make-clone.js';
import { collectGarbage } from '../src/gc/collect-garbage.js';
import { recordPath } from '../src/state/clone-record.js';
import { cloneVm } from '../src/steps/4-clone-vm.js';
import { installedBuild, newGeneration, newWorld, oldGeneration, type World } from '../src/testing/world.js';

const { signal } = new AbortController();
const job = toVmName('debian12-job');
const nothing = { clones: [], builds: [], generations: [], bases: [], runs: [], templates: [] };

const collect = ({ context }: World, keepGenerations = 2) => collectGarbage(context, { uri: 'fake:///', keepGenerations });

/** A job's clone, as a killed process leaves it where nobody holds its lock. */
async function layJob({ context, config }: World): Promise<void> {
  const undo = new UndoStack(context.emit);
  await makeClone(context, { config: await config(), name: job, purpose: 'job', undo, signal });
}

test('the record of a run is removed after a month, and no sooner', async () => {
  const world = await newWorld();
  const { runs } = world.context.state;
  await mkdir(runs);
  const days = (count: number) => new Date(Date.now() - count * 24 * 3_600_000);
  for (const [name, age] of [
    ['debian12-old', 31],
    ['debian12-new', 29],
  ] as const) {
    await writeFile(join(runs, `${name}.json`), '{}');
    await utimes(join(runs, `${name}.json`), days(age), days(age));
  }
  expect(await collect(world)).toEqual({ ...nothing, runs: ['debian12-old'] });
  expect(await readdir(runs)).toEqual(['debian12-new.json']);
});

describe("a job's clone", () => {
  test('is taken when its process has died, with its domain and its lock file', async () => {
    const world = await newWorld();
    await world.layMaster();
    await layJob(world);
    expect(await collect(world)).toEqual({ ...nothing, clones: [job] });
    expect(world.libvirt.domains.size).toBe(0);
    expect(await readdir(world.context.state.clones)).toEqual([]);
    expect((await readdir(world.context.state.locks)).filter((name) => name.startsWith('job-'))).toEqual([]);
  });

  test('is left alone while its process lives', async () => {
    const world = await newWorld();
    await world.layMaster();
    const lock = await holdJob(world.context.state, job);
    await layJob(world);
    expect(await collect(world)).toEqual(nothing);
    expect(world.libvirt.domains.has(job)).toBe(true);
    await lock.release();
    expect(await collect(world)).toMatchObject({ clones: [job] });
  });

  test('is taken when only its domain is left', async () => {
    const world = await newWorld();
    await world.layMaster();
    await layJob(world);
    const other = await newWorld({ libvirt: world.libvirt });
    expect(await collect(other)).toEqual(nothing);
    expect(await collect(world)).toMatchObject({ clones: [job] });
  });
});

describe('gc leaves alone', () => {
  test('a kept clone, and one whose record someone damaged', async () => {
    const world = await newWorld();
    await world.layMaster();
    await cloneVm(world.context, { config: await world.config(), force: false }, signal);
    expect(await collect(world)).toEqual(nothing);
    await writeFile(recordPath(world.context.state, 'debian12-clone'), '{');
    expect(await collect(world)).toEqual(nothing);
    expect(world.libvirt.domains.has('debian12-clone')).toBe(true);
  });

  test("what katavm did not make, and another home's clones", async () => {
    const theirs = await newWorld();
    await theirs.layMaster();
    await layJob(theirs);
    theirs.libvirt.addForeign('debian12-precious');
    expect(await collect(await theirs.neighbour())).toEqual(nothing);
    expect([...theirs.libvirt.domains.keys()].sort()).toEqual([job, 'debian12-precious'].sort());
  });
});

describe('an old generation', () => {
  test('is removed beyond those to keep; the current one never is, however old', async () => {
    const world = await newWorld();
    await world.layMaster('debian12', newGeneration);
    await world.layMaster('debian12', oldGeneration);
    expect(await collect(world, 2)).toEqual(nothing);
    expect(await collect(world, 1)).toEqual(nothing);
    await world.layMaster('debian12', newGeneration);
    expect(await collect(world, 1)).toEqual({ ...nothing, generations: [oldGeneration] });
    expect((await readdir(world.context.state.master('debian12'))).sort()).toEqual([newGeneration, 'current'].sort());
  });

  test('stays while a clone lies on it, and while a clone does not say on which it lies', async () => {
    const world = await newWorld();
    await world.layMaster('debian12', oldGeneration);
    await cloneVm(world.context, { config: await world.config(), force: false }, signal);
    await world.layMaster('debian12', newGeneration);
    expect(await collect(world, 1)).toEqual(nothing);
    await writeFile(recordPath(world.context.state, 'debian12-clone'), '{');
    expect(await collect(world, 1)).toEqual(nothing);
  });
});

test('what a killed build left is removed, and what step 2 left for step 3 a week ago', async () => {
  const world = await newWorld();
  const { state } = world.context;
  const killed = state.generation('debian12', `${newGeneration}.partial`);
  const logs = state.generation('debian12', `${oldGeneration}.logs`);
  for (const folder of [killed, logs]) await mkdir(folder, { recursive: true });
  expect(await collect(world)).toEqual({ ...nothing, builds: [killed] });
  const longAgo = new Date(Date.now() - 8 * 24 * 3_600_000);
  await utimes(logs, longAgo, longAgo);
  expect(await collect(world)).toEqual({ ...nothing, builds: [logs] });
});

test('a base stays while a build that waits for step 3 lies on it, and goes with that build', async () => {
  const world = await newWorld();
  const { state, adapters } = world.context;
  const asked: (readonly string[])[] = [];
  const collectBases = async ({ inUse }: { readonly inUse: readonly string[] }) => {
    asked.push(inUse);
    return [];
  };
  const images = { ...adapters.images, collectBases };
  const context = { ...world.context, adapters: { ...adapters, images } };
  const directory = state.generation('debian12', `${newGeneration}.partial`);
  await mkdir(directory, { recursive: true });
  await writePartialBuild(directory, installedBuild);
  await collect({ ...world, context });
  const longAgo = new Date(Date.now() - 8 * 24 * 3_600_000);
  await utimes(directory, longAgo, longAgo);
  await collect({ ...world, context });
  expect(asked).toEqual([['b'.repeat(64)], []]);
});
