import { join } from 'node:path';
import { ExitCode, exec, KatavmError } from '@katavm/core';
import { atMost, type Measure, measure, timed } from '../measure.js';
import type { Bench } from '../run-bench.js';
import { checkout, type Environment, fillPool } from './katavm.js';

const rounds = { launch: 7, version: 31 } as const;
/** At most so much of what the other checkout needs. */
const share = { launch: 0.6, version: 0.7 } as const;

/**
 * What katavm itself takes of a launch that boots nothing: the processor time of a pooled launch of `true`, of `katavm` and of all that it
 * started and waited for, user and system. QEMU, libvirt and the pool's server are no children of it. And the time of `katavm --version`.
 * With KATAVM_BENCH_BESIDE, another checkout that is built: the same of it, in turns, on the same Node and the same pool.
 */
export async function measureOwnTime(bench: Bench, config: string, env: Environment): Promise<Measure[]> {
  const other = process.env['KATAVM_BENCH_BESIDE'];
  const checkouts = [checkout, ...(other === undefined ? [] : [other])];
  const versions = await inTurns(checkouts, rounds.version, (each) =>
    timed(() => exec(process.execPath, [programOf(each), '--version'])),
  );
  const launches = await inTurns(checkouts, rounds.launch, async (each) => {
    await fillPool(config, env, bench.signal);
    const milliseconds = await pooledLaunch(programOf(each), config, env, bench.signal);
    bench.say(`${each}: ${milliseconds} ms of a processor`);
    return milliseconds;
  });
  return [
    ...compared('own processor time of a pooled launch', launches, share.launch),
    ...compared('katavm --version', versions, share.version),
  ];
}

const programOf = (folder: string) => join(folder, 'packages/cli/dist/bin/katavm.js');

/** Samples by checkout. */
async function inTurns(
  checkouts: readonly string[],
  count: number,
  take: (each: string) => Promise<number>,
): Promise<number[][]> {
  const samples = checkouts.map((): number[] => []);
  for (let round = 0; round < count; round++) {
    for (const [index, each] of checkouts.entries()) samples[index]?.push(await take(each));
  }
  return samples;
}

function compared(name: string, [ours = [], others]: readonly (number[] | undefined)[], goal: number): Measure[] {
  const own = measure(name, 'ms', ours);
  if (!others) return [own];
  const shares = ours.map((value, round) => value / (others[round] ?? value));
  return [
    own,
    measure(`${name}, the other checkout`, 'ms', others),
    measure(`${name} / the other's`, 'times', shares, atMost(goal)),
  ];
}

/** Milliseconds, as bash reports them of its children by getrusage(2). */
async function pooledLaunch(program: string, config: string, env: Environment, signal: AbortSignal): Promise<number> {
  const script = 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null';
  const words = ['run', config, '--start', 'pooled', '--json', '--progress', 'quiet', '--', 'true'];
  // As tools/katavm does, which is a shell's time more.
  const configs = [process.env['KATAVM_CONFIGS'], join(checkout, 'configs')].filter(Boolean).join(':');
  const command = ['-c', script, 'bash', process.execPath, program, ...words];
  const { stderr } = await exec('bash', command, { env: { ...env, KATAVM_CONFIGS: configs }, signal });
  const [times = '', report = ''] = stderr.trim().split('\n').reverse();
  const [user, system] = times.split(' ').map(Number);
  if (report.includes('"start":"pooled"') && user !== undefined && system !== undefined)
    return Math.round((user + system) * 1000);
  throw new KatavmError({
    code: 'KATAVM_BENCH_START',
    message: `own-time cannot be measured: ${stderr}`,
    hint: 'leave it out with --only',
    exitCode: ExitCode.hostNotReady,
  });
}
