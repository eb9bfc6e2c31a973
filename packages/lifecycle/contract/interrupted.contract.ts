// Ctrl-C at any point: with real locks (flock) and real identity disks (tar), on a libvirt in memory. What each adapter does when it
// is interrupted, its own contract tests show; here it is what the lifecycle makes of that.
import { mkdir, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PassThrough } from 'node:stream';
import { toVmName } from '@katavm/core';
import { expect, test } from 'vitest';
import { buildMaster } from '../src/build/build-master.js';
import type { Context } from '../src/context/context.js';
import { runInClone } from '../src/run/run-in-clone.js';
import { currentGeneration } from '../src/state/generations.js';
import { buildBaseImage } from '../src/steps/2-build-base-image.js';
import { completeBaseImage } from '../src/steps/3-complete-base-image.js';
import { takeTemplate } from '../src/template/take-template.js';
import { type Interruption, interruptAt } from '../src/testing/interruptible.js';
import { newWorld, type World } from '../src/testing/world.js';

const never = interruptAt(0).signal;

/** A home of a config with something to complete, on a host whose guests power off when they are told to. */
async function freshWorld(): Promise<World> {
  const world = await newWorld({
    guestCommand: async (command) => {
      const [domain] = world.libvirt.domains.values();
      if (command.includes('poweroff') && domain) domain.state = 'shut off';
      return { exitCode: 0, signal: undefined };
    },
  });
  return world;
}

const input = async (world: World) => ({ config: await configOf(world), force: false, refreshBase: false });
/** With a small memory: that of a template is read whole each time. */
const configOf = (world: World) =>
  world.config(
    'debian12',
    '{version: 1, base: {packages: {suite: bookworm}}, vm: {memory: 1MiB}, complete: {commands: ["true"]}}',
  );

/** Runs the work with an interruption at its first call, at its second, and so on, until one comes too late to be noticed. */
async function atEveryPoint(
  prepare: (world: World) => Promise<void>,
  work: (context: Context, world: World, signal: AbortSignal) => Promise<unknown>,
  look: (world: World, wasInterrupted: boolean) => Promise<void>,
): Promise<number> {
  for (let point = 1; ; point++) {
    const world = await freshWorld();
    await prepare(world);
    const interruption = interruptAt(point);
    const wasInterrupted = await isInterrupted(work(contextOf(world, interruption), world, interruption.signal));
    await look(world, wasInterrupted);
    if (interruption.calls() < point) return point - 1;
  }
}

function contextOf({ context }: World, interruption: Interruption): Context {
  const adapters = interruption.wrap(context.adapters);
  return { ...context, adapters, connect: (uri, signal) => adapters.libvirt.connect({ uri, emit: context.emit, signal }) };
}

async function isInterrupted(work: Promise<unknown>): Promise<boolean> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error !== undefined) expect(error).toMatchObject({ code: 'KATAVM_INTERRUPTED', exitCode: 130 });
  return error !== undefined;
}

/** What is in the master's folder, but for the logs of failed builds, which stay for a week. */
async function masters({ context: { state } }: World): Promise<string[]> {
  const names = await readdir(state.master('debian12')).catch(() => []);
  return names.filter((name) => !name.endsWith('.logs'));
}

test('a build unwinds whole, and can be started again at once', async () => {
  const points = await atEveryPoint(
    async () => {},
    async (context, world, signal) => buildMaster(context, await input(world), signal),
    async (world, wasInterrupted) => {
      expect(world.libvirt.domains.size).toBe(0);
      expect(await masters(world)).toEqual(wasInterrupted ? [] : [expect.stringMatching(/^\d{8}T/), 'current']);
      if (wasInterrupted) expect(await buildMaster(world.context, await input(world), never)).toMatchObject({ built: true });
    },
  );
  expect(points).toBeGreaterThan(20);
});

test('step 3 leaves what step 2 made, and step 2 nothing', async () => {
  const built = async (world: World) => {
    await mkdir(world.context.state.master('debian12'), { recursive: true });
    await buildBaseImage(world.context, await input(world), never);
  };
  const stepTwo = await atEveryPoint(
    async () => {},
    async (context, world, signal) => buildBaseImage(context, await input(world), signal),
    async (world, wasInterrupted) => {
      expect(world.libvirt.domains.size).toBe(0);
      expect(await masters(world)).toEqual(wasInterrupted ? [] : [expect.stringMatching(/\.partial$/)]);
    },
  );
  const stepThree = await atEveryPoint(
    built,
    async (context, world, signal) => completeBaseImage(context, { config: await configOf(world) }, signal),
    async (world, wasInterrupted) => {
      expect(world.libvirt.domains.size).toBe(0);
      if (!wasInterrupted) return void expect(await masters(world)).toContain('current');
      expect(await masters(world)).toEqual([expect.stringMatching(/\.partial$/)]);
      expect(await completeBaseImage(world.context, { config: await configOf(world) }, never)).toMatchObject({ completed: true });
    },
  );
  expect(Math.min(stepTwo, stepThree)).toBeGreaterThan(8);
});

async function layTemplate(world: World): Promise<void> {
  await world.layMaster();
  await take(world.context, world, never);
}

async function take(context: Context, world: World, signal: AbortSignal) {
  const generation = await currentGeneration(world.context.state, 'debian12');
  return takeTemplate(context, { config: await configOf(world), generation, force: false }, signal);
}

test('a template is taken whole or not at all, and can be taken again at once', async () => {
  const points = await atEveryPoint(
    async (world) => void (await world.layMaster()),
    take,
    async (world, wasInterrupted) => {
      expect(world.libvirt.domains.size).toBe(0);
      const templates = await readdir(dirname(world.context.state.template('debian12', 'any'))).catch(() => []);
      expect(templates).toEqual(wasInterrupted ? [] : [expect.stringMatching(/^\d{8}T/)]);
      if (wasInterrupted) expect(await take(world.context, world, never)).toMatchObject({ taken: true });
    },
  );
  expect(points).toBeGreaterThan(8);
});

for (const [start, prepare] of [
  ['cold', async (world: World) => void (await world.layMaster())],
  ['template', layTemplate],
] as const)
  test(`a run (${start}) leaves no trace`, async () => {
    const streams = () => ({ stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() });
    const points = await atEveryPoint(
      prepare,
      async (context, world, signal) => {
        const job = { name: toVmName('debian12-job'), command: 'true', keepOnFailure: false, start, ...streams() };
        return runInClone(context, { config: await configOf(world), ...job }, signal);
      },
      async ({ context: { state }, libvirt }) => {
        expect([...(await readdir(state.clones)), ...libvirt.domains.keys()]).toEqual([]);
        expect((await readdir(state.locks)).filter((name) => name.startsWith('job-'))).toEqual([]);
        expect(await currentGeneration(state, 'debian12')).toBeDefined();
      },
    );
    expect(points).toBeGreaterThan(6);
  });
