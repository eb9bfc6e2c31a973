/** How often equals may be called unequal. */
const significance = 0.025;

/**
 * Whether the median that samples were drawn from is below a value, by a sign test: so few of them reach the value as chance would
 * let in one of forty runs. 5 samples are too few to say so, and of 21 it takes 16.
 *
 * https://en.wikipedia.org/wiki/Sign_test
 */
export function isBelow(samples: readonly number[], value: number): boolean {
  const reached = samples.filter((sample) => sample >= value).length;
  return chanceOfAtMost(reached, samples.length) <= significance;
}

/** That a coin thrown so many times shows heads at most so often. */
function chanceOfAtMost(heads: number, throws: number): number {
  let ways = 1;
  let sum = 1;
  for (let count = 1; count <= heads; count++) {
    ways = (ways * (throws - count + 1)) / count;
    sum += ways;
  }
  return sum / 2 ** throws;
}
