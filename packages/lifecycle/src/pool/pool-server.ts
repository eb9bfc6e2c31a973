import { mkdir } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import type { VmConfig } from '@katavm/config';
import { type MiB, messageOf } from '@katavm/core';
import type { Context } from '../context/context.js';
import { Bell } from '../wait/bell.js';
import { readAsked } from './ask-pool.js';
import { type ConfigView, type PoolPlan, planPool } from './plan-pool.js';
import { listDrained, poolPaths } from './pool-folder.js';
import { type ServedStatus, tellStatus } from './pool-status.js';
import { listQuiet } from './quiet.js';
import { Shelf } from './shelf.js';
import { Watches } from './watches.js';

export interface PoolServerInput {
  /** Read again and again: what they say may change. */
  readonly loadConfigs: () => Promise<readonly VmConfig[]>;
  /** What all guests that wait, or boot to wait, may have together. */
  readonly budget: MiB;
}

/** What no event tells: a first master, the end of a killed job that asked for quiet, memory that became free. */
const slowLookMilliseconds = 30_000;

/** A boot takes the better part of a core from the jobs that run; an emulated one a whole core, and more. */
const coresPerBoot = 4;

/** Looks what there is, makes a plan, does it, and waits for the next change. */
export class PoolServer {
  readonly #bell = new Bell();
  readonly #watches = new Watches();
  readonly #shelves = new Map<string, Shelf>();
  #asked = '';
  #told = '';

  constructor(
    private readonly context: Context,
    private readonly input: PoolServerInput,
  ) {}

  /** Until the signal is aborted; then no clone waits any more. Those that jobs have are theirs. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#watch();
      while (!signal.aborted) {
        const { lookAgainAt } = await this.#look(signal);
        const pause = Math.min(slowLookMilliseconds, Math.max(0, lookAgainAt - Date.now()));
        await this.#bell.wait(pause, signal);
      }
    } finally {
      this.#watches.close();
      await Promise.all([...this.#shelves.values()].map((shelf) => shelf.empty()));
    }
  }

  async #watch(): Promise<void> {
    const { state } = this.context;
    const { drained, asked } = poolPaths(state);
    await mkdir(drained, { recursive: true, mode: 0o700 });
    for (const folder of [drained, state.quiet]) this.#watches.add(folder, this.#bell.ring);
    this.#watches.add(asked.folder, (name) => {
      if (name === asked.name) this.#bell.ring();
    });
  }

  async #look(signal: AbortSignal): Promise<PoolPlan> {
    const asked = await readAsked(this.context.state);
    if (asked !== this.#asked) for (const shelf of this.#shelves.values()) shelf.forgetFailures();
    this.#asked = asked;
    const quiet = (await listQuiet(this.context.state)).length > 0;
    if (!quiet) await this.#readConfigs();
    const shelves = [...this.#shelves.values()];
    for (const shelf of shelves) await shelf.look();
    const views = await this.#views(shelves);
    const plan = planPool({
      now: Date.now(),
      budget: this.input.budget,
      available: availableMemory(views),
      quiet,
      mostBootsAtOnce: Math.max(1, Math.floor(availableParallelism() / coresPerBoot)),
      configs: views,
    });
    await Promise.all(shelves.map((shelf) => shelf.giveUp(plan.giveUp)));
    await Promise.all(shelves.map((shelf) => shelf.discard(plan.discard)));
    if (!signal.aborted) for (const name of plan.boot) await this.#shelves.get(name)?.boot(signal);
    await this.#tell(plan);
    return plan;
  }

  /** One that is no longer among them is emptied. */
  async #readConfigs(): Promise<void> {
    const configs = await this.input.loadConfigs().catch((error) => {
      const message = `the configs could not be read, and stay as they were: ${messageOf(error)}`;
      this.context.emit({ type: 'notice', level: 'warning', code: 'KATAVM_POOL_CONFIG_UNREADABLE', message });
      return undefined;
    });
    if (!configs) return;
    for (const config of configs) {
      if (!this.#shelves.has(config.name)) await this.#add(config);
    }
    for (const [name, shelf] of this.#shelves) {
      shelf.setConfig(configs.find((config) => config.name === name));
      if (shelf.isUnwanted) this.#shelves.delete(name);
    }
  }

  async #add(config: VmConfig): Promise<void> {
    const { state } = this.context;
    const ready = poolPaths(state).ready(config.name);
    await mkdir(ready, { recursive: true, mode: 0o700 });
    this.#watches.add(ready, this.#bell.ring);
    this.#shelves.set(config.name, new Shelf(this.context, config, this.#bell.ring));
  }

  async #views(shelves: readonly Shelf[]): Promise<ConfigView[]> {
    const { state } = this.context;
    const drained = await listDrained(state);
    return shelves.map((shelf) => {
      // A config's first master makes this folder.
      this.#watches.add(state.master(shelf.name), this.#bell.ring);
      return shelf.view(drained.includes(shelf.name));
    });
  }

  async #tell({ heldBack }: PoolPlan): Promise<void> {
    const shelves = [...this.#shelves.values()];
    const counts = shelves.map((shelf) => ({ shelf, ...shelf.counts }));
    const status: ServedStatus = {
      version: 1,
      pid: process.pid,
      asked: this.#asked,
      budgetMiB: this.input.budget,
      usedMiB: counts.reduce((sum, { shelf, ready, booting }) => sum + shelf.memory * (ready + booting), 0),
      configs: counts.map(({ shelf, size, ready, booting }) => ({
        config: shelf.name,
        size,
        ready,
        booting,
        heldBack: heldBack.get(shelf.name),
        error: shelf.error,
      })),
    };
    const text = JSON.stringify(status);
    if (text === this.#told) return;
    this.#told = text;
    await tellStatus(this.context, status);
  }
}

/** What the host has, without what guests that boot have not taken yet. */
function availableMemory(views: readonly ConfigView[]): MiB {
  const promised = views.reduce((sum, { booting, memory }) => sum + booting.length * memory, 0);
  return (freemem() / 1024 ** 2 - promised) as MiB;
}
