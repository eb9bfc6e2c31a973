import type { Emit } from '@katavm/core';

/**
 * Follows mmdebstrap's output (with --verbose it is apt's) and counts packages as dpkg sets them up. The total is known with
 * the second of apt's two runs: the essential packages, then all others.
 */
export function followPackages(emit: Emit): (line: string) => void {
  const announced: number[] = [];
  let done = 0;
  return (line) => {
    emit({ type: 'output', source: 'mmdebstrap', line });
    const count = /^\d+ upgraded, (\d+) newly installed/.exec(line)?.[1];
    if (count !== undefined) announced.push(Number(count));
    if (!line.startsWith('Setting up ')) return;
    done += 1;
    const total = announced.length < 2 ? undefined : announced.reduce((sum, each) => sum + each);
    emit({ type: 'progress', what: 'install packages', done, total, unit: 'packages' });
  };
}
