/** What a goal says about a median. */
export interface Goal {
  /** For people: `at least 50`. */
  readonly text: string;
  readonly isMet: (median: number) => boolean;
}

/** One measured thing. `goal` and `met` are null where it is told for information only. */
export interface Measure {
  readonly name: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  readonly goal: string | null;
  readonly met: boolean | null;
}

export const atLeast = (value: number): Goal => ({ text: `at least ${value}`, isMet: (median) => median >= value });
export const atMost = (value: number): Goal => ({ text: `at most ${value}`, isMet: (median) => median <= value });

/** @param samples at least one. */
export function measure(name: string, unit: string, samples: readonly number[], goal?: Goal): Measure {
  const value = median(samples);
  return {
    name,
    median: round(value),
    min: round(Math.min(...samples)),
    max: round(Math.max(...samples)),
    unit,
    goal: goal?.text ?? null,
    met: goal ? goal.isMet(value) : null,
  };
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  if (middle.length === 0) throw new Error('a median needs samples');
  return middle.reduce((sum, sample) => sum + sample, 0) / middle.length;
}

/** How long the work takes, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** Three digits are more than any of these measurements can hold. */
function round(value: number): number {
  return Number(value.toPrecision(3));
}
