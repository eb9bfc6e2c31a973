import type { MiB } from '@katavm/core';

/** What the pool looks like at one moment. */
export interface PoolView {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly budget: MiB;
  /** What the host could give to another guest now. */
  readonly available: MiB;
  /** A job that asked for it runs. */
  readonly quiet: boolean;
  readonly mostBootsAtOnce: number;
  readonly configs: readonly ConfigView[];
}

export interface ConfigView {
  readonly name: string;
  readonly size: number;
  readonly memory: MiB;
  readonly maxAgeMilliseconds: number;
  readonly drained: boolean;
  /** What a clone must be made of; `undefined` where there is no master. */
  readonly fits: string | undefined;
  readonly ready: readonly { readonly name: string; readonly fits: string; readonly since: number; readonly lost: boolean }[];
  readonly booting: readonly { readonly name: string; readonly fits: string }[];
  /** After a failure: not before. */
  readonly notBefore: number;
  /** When a job last took a clone, 0 where none has. */
  readonly takenAt: number;
}

/** What keeps a config's pool from being full. */
export type HeldBack = 'drained' | 'quiet' | 'no master' | 'failing' | 'handing out' | 'budget' | 'memory';

export interface PoolPlan {
  readonly discard: readonly string[];
  /** Boots under way that are given up. */
  readonly giveUp: readonly string[];
  /** The configs of which a clone is booted, one for each entry. */
  readonly boot: readonly string[];
  readonly heldBack: ReadonlyMap<string, HeldBack>;
  /** When something changes by itself. */
  readonly lookAgainAt: number;
}

/**
 * A clone beyond this part of its age is replaced while all the others are there: clones that were booted together would otherwise
 * all be gone at once.
 */
const renewAt = 0.8;

/**
 * The job that has just taken a clone waits for it to wake and to answer: with a guest booting beside it on two processors, half as
 * long again. A hand-out takes less than this, also where it is emulated.
 */
export const handOutMilliseconds = 3000;

/** What the pool does next. Quiet means all of it: neither is a clone deleted. */
export function planPool(view: PoolView): PoolPlan {
  if (view.quiet) return planQuiet(view);
  const doomed = view.configs.map((config) => ({ config, discard: outdated(config, view.now), giveUp: useless(config) }));
  const kept = doomed.map(({ config, discard, giveUp }) => ({
    ...config,
    ready: config.ready.filter(({ name }) => !discard.includes(name)),
    booting: config.booting.filter(({ name }) => !giveUp.includes(name)),
  }));
  const { boot, heldBack } = fill(view, kept);
  const times = kept.flatMap(({ ready, maxAgeMilliseconds }) => ready.map(({ since }) => since + maxAgeMilliseconds * renewAt));
  const retries = kept.map(earliestBoot).filter((time) => time > view.now);
  return {
    discard: doomed.flatMap(({ discard }) => discard),
    giveUp: doomed.flatMap(({ giveUp }) => giveUp),
    boot,
    heldBack,
    lookAgainAt: Math.min(...times.filter((time) => time > view.now), ...retries),
  };
}

function planQuiet({ configs }: PoolView): PoolPlan {
  return {
    discard: [],
    giveUp: configs.flatMap(({ booting }) => booting.map(({ name }) => name)),
    boot: [],
    heldBack: new Map(configs.filter(isShort).map(({ name, drained }) => [name, drained ? 'drained' : 'quiet'])),
    lookAgainAt: Number.POSITIVE_INFINITY,
  };
}

/** The clones that no job may have, and those that are renewed or too many. */
function outdated({ ready, booting, fits, drained, size, maxAgeMilliseconds }: ConfigView, now: number): string[] {
  const age = ({ since }: { readonly since: number }) => now - since;
  const good = drained ? [] : ready.filter((each) => !each.lost && each.fits === fits && age(each) <= maxAgeMilliseconds);
  const newestFirst = [...good].sort((a, b) => b.since - a.since).slice(0, size);
  const oldest = newestFirst.at(-1);
  const isRenewed = newestFirst.length === size && booting.length === 0 && oldest && age(oldest) > maxAgeMilliseconds * renewAt;
  const stay = new Set(isRenewed ? newestFirst.slice(0, -1) : newestFirst);
  return ready.filter((each) => !stay.has(each)).map(({ name }) => name);
}

function useless({ booting, fits, drained }: ConfigView): string[] {
  return booting.filter((each) => drained || each.fits !== fits).map(({ name }) => name);
}

function fill(view: PoolView, configs: readonly ConfigView[]): Pick<PoolPlan, 'boot' | 'heldBack'> {
  const heldBack = new Map<string, HeldBack>();
  const boot: string[] = [];
  const counts = new Map(configs.map((config) => [config.name, config.ready.length + config.booting.length]));
  const count = ({ name }: ConfigView) => counts.get(name) ?? 0;
  let booting = sum(configs.map((config) => config.booting.length));
  let used = sum(configs.map((config) => count(config) * config.memory));
  let available: number = view.available;
  for (;;) {
    // The emptiest first: no config waits until another one is full.
    const short = configs.filter((config) => count(config) < config.size && !heldBack.has(config.name));
    const [config] = short.sort((a, b) => count(a) / a.size - count(b) / b.size);
    if (!config) return { boot, heldBack };
    const why = whyNot(config, { now: view.now, left: view.budget - used, available });
    if (why) heldBack.set(config.name, why);
    else if (booting >= view.mostBootsAtOnce) return { boot, heldBack };
    else {
      boot.push(config.name);
      counts.set(config.name, count(config) + 1);
      booting++;
      used += config.memory;
      available -= config.memory;
    }
  }
}

function whyNot(
  { drained, fits, notBefore, takenAt, memory }: ConfigView,
  { now, left, available }: { readonly now: number; readonly left: number; readonly available: number },
): HeldBack | undefined {
  if (drained) return 'drained';
  if (fits === undefined) return 'no master';
  if (notBefore > now) return 'failing';
  if (takenAt + handOutMilliseconds > now) return 'handing out';
  if (memory > left) return 'budget';
  return memory > available ? 'memory' : undefined;
}

function earliestBoot({ notBefore, takenAt }: ConfigView): number {
  return Math.max(notBefore, takenAt + handOutMilliseconds);
}

function isShort({ ready, size }: ConfigView): boolean {
  return ready.length < size;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
