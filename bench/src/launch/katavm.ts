import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode, exec, KatavmError, type RunningProcess, start, waitFor } from '@katavm/core';
import type { Parts } from './parts.js';

export const checkout = join(import.meta.dirname, '..', '..', '..');
const program = join(checkout, 'tools/katavm');

export type Environment = Readonly<Record<string, string>>;

/** Runs a katavm command to its end. */
export async function katavm(args: readonly string[], env: Environment, signal?: AbortSignal, by = program): Promise<string> {
  const { stdout } = await exec(by, [...args, '--progress', 'quiet'], { env, signal });
  return stdout;
}

/** By home and config: a pool is served as long as the benchmark lasts, as it is on a host. */
const servers = new Map<string, RunningProcess>();

/** Returns when nothing boots for it any more. */
export async function fillPool(config: string, env: Environment, signal: AbortSignal): Promise<void> {
  const key = `${env['KATAVM_HOME'] ?? ''} ${config}`;
  if (!servers.has(key)) {
    servers.set(key, start(program, ['pool', 'serve', config, '--progress', 'quiet'], { env, detached: true }));
    await waitFor(
      {
        name: `the pool server of ${config}`,
        probe: async () => JSON.parse(await katavm(['pool', 'status', '--json'], env, signal)).server ?? undefined,
        timeoutMilliseconds: 60_000,
        hint: `try it: katavm pool serve ${config}`,
      },
      { signal },
    );
  }
  await katavm(['pool', 'fill', config], env, signal);
}

/** Ends the pools' servers, which delete the clones that wait. */
export async function endPools(): Promise<void> {
  for (const server of servers.values()) server.kill('SIGTERM');
  await Promise.all([...servers.values()].map(({ ended }) => ended));
  servers.clear();
}

export type Start = 'cold' | 'pooled' | 'template';

/** An agent in a clone, as `katavm run` holds it: it lives until its stdin ends. */
export interface Launched {
  /** The clone's name. */
  readonly clone: string;
  /** Milliseconds from the start of `katavm` to the agent's first byte. */
  readonly firstByteMilliseconds: number;
  /** Ends the agent, and waits until its clone is gone. Milliseconds of that. */
  end(): Promise<number>;
}

/** The agent is a shell's printf, which stays as long as somebody writes to it. */
const agent = ['sh', '-c', 'printf x; exec cat >/dev/null'] as const;

/**
 * @param by The katavm that launches. Default: this checkout's.
 * @throws KATAVM_BENCH_START where the clone did not start so.
 */
export async function launch(config: string, how: Start, env: Environment, signal: AbortSignal, by = program): Promise<Launched> {
  // Ahead of time is not counted.
  if (how === 'pooled') await fillPool(config, env, signal);
  const begin = performance.now();
  const running = start(by, ['run', config, '--start', how, '--progress', 'plain', '--', ...agent], { env, signal });
  let log = '';
  running.stderr.on('data', (text) => {
    log += String(text);
  });
  await firstByte(running, () => log);
  const firstByteMilliseconds = performance.now() - begin;
  const end = async () => {
    const ending = performance.now();
    running.stdin.end();
    const { failure } = await running.ended;
    if (failure !== undefined) throw new Error(`${failure}:\n${log}`);
    return performance.now() - ending;
  };
  const clone = /\] command (\S+) …/.exec(log)?.[1] ?? '';
  const notice = /start: \w+ is not to be had.*/.exec(log)?.[0];
  if (notice === undefined) return { clone, firstByteMilliseconds, end };
  await end();
  throw new KatavmError({
    code: 'KATAVM_BENCH_START',
    message: `${how} cannot be measured: ${notice}`,
    hint: 'leave it out with --only',
    exitCode: ExitCode.hostNotReady,
  });
}

interface Timing {
  readonly part: string;
  readonly milliseconds: number;
}

/** Milliseconds from a domain's start to its SSH banner, as the launch's own record has them. */
export async function bootOf({ clone }: Launched, { home }: Pick<Parts, 'home'>): Promise<number> {
  const record = JSON.parse(await readFile(join(home, 'runs', `${clone}.json`), 'utf8')) as {
    readonly timings: readonly Timing[];
  };
  const boot = record.timings.find(({ part }) => part === 'boot');
  if (!boot) throw new Error(`the record of ${clone} says nothing of a boot`);
  return boot.milliseconds;
}

/** @throws when the process ends without having written one. */
export async function firstByte(running: RunningProcess, log: () => string): Promise<void> {
  const died = running.ended.then(({ failure }) => Promise.reject(new Error(`${failure ?? 'it ended'}:\n${log()}`)));
  died.catch(() => {}); // it ends some day
  await Promise.race([once(running.stdout, 'data'), died]);
}
