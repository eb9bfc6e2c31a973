import { readdir } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { interruptedBy, type MiB, waitFor } from '@katavm/core';
import { onTestFinished } from 'vitest';
import { jobCloneName } from '../src/clone/clone-names.js';
import { listClones } from '../src/clone/list-clones.js';
import { poolStatus, type ServedConfig } from '../src/pool/pool-status.js';
import { servePool } from '../src/pool/serve-pool.js';
import { type RunResult, runInClone } from '../src/run/run-in-clone.js';
import { newWorld, oldGeneration, type World, type WorldOptions } from '../src/testing/world.js';

export const { signal } = new AbortController();
export const uri = 'fake:///';
export const patience = 30_000;

interface Pool {
  readonly world: World;
  /** Ends the server, as SIGTERM does. */
  readonly stop: () => Promise<void>;
}

interface PoolOptions extends WorldOptions {
  readonly pool?: string;
  readonly more?: string;
  readonly budget?: number;
}

export const text = ({ pool = '{size: 1}', more = '' }: PoolOptions) =>
  `{version: 1, base: {packages: {suite: bookworm}}, vm: {memory: 1MiB}, start: pooled, pool: ${pool}${more}}`;

/** A server that keeps clones of debian12. */
export async function openPool(options: PoolOptions = {}): Promise<Pool> {
  const world = await newWorld(options);
  await world.layMaster('debian12', oldGeneration);
  return { world, stop: await serve(world, options) };
}

export async function serve(world: World, options: PoolOptions): Promise<() => Promise<void>> {
  await world.config('debian12', text(options));
  const end = new AbortController();
  const serving = servePool(
    world.context,
    { loadConfigs: async () => [await world.reload('debian12')], budget: (options.budget ?? 64) as MiB },
    end.signal,
  );
  const stop = async () => {
    end.abort(interruptedBy('SIGTERM'));
    await serving;
  };
  onTestFinished(stop);
  return stop;
}

export async function until(world: World, what: string, holds: (config: ServedConfig) => boolean): Promise<ServedConfig> {
  return waitFor({
    name: what,
    probe: async () => {
      const { server, configs } = await poolStatus(world.context);
      return configs.find((config) => server && holds(config));
    },
    timeoutMilliseconds: patience,
    hint: JSON.stringify(world.events.filter(({ type }) => type === 'notice')),
    everyMilliseconds: 100,
  });
}

export const full = (world: World) => until(world, 'a full pool', ({ ready, size }) => ready === size);

export function run(world: World, onRunning: () => Promise<void> = async () => {}): Promise<RunResult> {
  return world.reload('debian12').then((config) =>
    runInClone(
      world.context,
      {
        config,
        name: jobCloneName(config.name),
        command: 'true',
        stdin: new PassThrough(),
        stdout: new PassThrough(),
        stderr: new PassThrough(),
        keepOnFailure: false,
        prepare: onRunning,
      },
      signal,
    ),
  );
}

export const waiting = async (world: World) =>
  (await listClones(world.context, uri)).filter(({ purpose }) => purpose === 'pooled').map(({ name }) => name);

export async function left({ context: { state }, libvirt }: World): Promise<string[]> {
  const locks = (await readdir(state.locks)).filter((name) => name.startsWith('job-'));
  const ready = await readdir(`${state.pool}/ready/debian12`);
  return [...(await readdir(state.clones)), ...locks, ...ready, ...(await readdir(state.quiet)), ...libvirt.domains.keys()];
}
