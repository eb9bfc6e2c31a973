import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, type RunningProcess, start, waitFor } from '@katavm/core';
import { expect, onTestFinished } from 'vitest';
import { bin, environment, katavm, testHome } from '../harness/katavm.js';

export const config = 'minimal';

export interface ServedConfig {
  readonly ready: number;
  readonly size: number;
  readonly booting: number;
  readonly heldBack?: string;
}

interface Clone {
  readonly name: string;
  readonly state: string;
  readonly purpose: string;
}

/** A pool of minimal guests, as a service keeps it. */
export interface Pool {
  readonly server: RunningProcess;
  /** For every katavm that is to see the same configs. */
  readonly env: Readonly<Record<string, string>>;
  /** Waits until the pool is full, or held back. */
  fill(): Promise<ServedConfig>;
  /** The names of those that wait. */
  waiting(): Promise<string[]>;
  run(...command: string[]): Promise<{ readonly start: string; readonly clone: string; readonly stdout: string }>;
  /** A job whose command says `up`, and then gives back what it is given until its input ends. */
  startJob(): Promise<Job>;
}

export interface Job {
  readonly process: RunningProcess;
  readonly clone: string;
  /** What the command answers to this line. */
  ask(line: string): Promise<string>;
}

/** @param within The words of a command that runs another in a namespace. */
export async function openPool(layer: object, within: readonly string[] = []): Promise<Pool> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-pool-'));
  const site = join(folder, 'site.yaml');
  await writeFile(site, JSON.stringify({ configs: { minimal: { start: 'pooled', ...layer } } }));
  const env = { KATAVM_SITE: site };
  const server = startWithin(within, env, ['pool', 'serve', config, '--progress', 'plain']);
  let log = '';
  server.stderr.on('data', (text) => {
    log += text;
  });
  onTestFinished(async () => {
    server.kill('SIGTERM');
    await server.ended;
    await rm(folder, { recursive: true, force: true });
  });
  while (!log.includes('pool server')) {
    await Promise.race([once(server.stderr, 'data'), server.ended.then(({ failure }) => expect.fail(`${failure}: ${log}`))]);
  }
  const json = async <T>(...args: string[]) => {
    const { stdout, stderr } = await katavm([...args, '--json'], { env, within });
    return stdout === '' ? expect.fail(stderr) : (JSON.parse(stdout) as T);
  };
  return {
    server,
    env,
    fill: async () => {
      const { configs } = await json<{ configs: ServedConfig[] }>('pool', 'fill');
      const [filled] = configs;
      expect(filled?.ready, JSON.stringify(filled)).toBe(filled?.size);
      return filled ?? expect.fail(log);
    },
    waiting: async () => {
      const { clones } = await json<{ clones: Clone[] }>('clone', 'list');
      return clones.filter(({ purpose }) => purpose === 'pooled').map(({ name }) => name);
    },
    run: async (...command) => {
      const { stdout, stderr, exitCode } = await katavm(['run', config, '--json', '--', ...command], { env, within });
      expect(exitCode, stderr).toBe(0);
      return { ...(JSON.parse(stderr.split('\n').at(-1) ?? '') as { start: string; clone: string }), stdout };
    },
    startJob: () => startJob(within, env),
  };
}

function startWithin(within: readonly string[], env: Readonly<Record<string, string>>, args: readonly string[]): RunningProcess {
  const [command = '', ...words] = [...within, process.execPath, bin, ...args];
  return start(command, words, { env: { ...environment(testHome()), ...env }, detached: true });
}

async function startJob(within: readonly string[], env: Readonly<Record<string, string>>): Promise<Job> {
  const script = 'hostname; while read -r line; do eval "$line"; done';
  const job = startWithin(within, env, ['run', config, '--', 'sh', '-c', script]);
  let log = '';
  job.stderr.on('data', (text) => {
    log += text;
  });
  const next = () =>
    Promise.race([
      once(job.stdout, 'data').then(String),
      job.ended.then(({ failure }) => expect.fail(`the job ended: ${failure}\n${log}`)),
    ]);
  const clone = (await next()).trim();
  onTestFinished(() => job.kill('SIGKILL'));
  return {
    process: job,
    clone,
    ask: (line) => {
      const answer = next();
      job.stdin.write(`${line}\n`);
      return answer;
    },
  };
}

/** The processes that have a file below this path open, or name it. */
export async function usersOf(path: string): Promise<string> {
  const { stdout } = await exec('sh', ['-c', 'ls -l /proc/[0-9]*/fd 2>/dev/null | grep -F "$1" || true', 'sh', path]);
  return stdout;
}

/** Waits for what other processes do by themselves. */
export function reached(name: string, probe: () => Promise<boolean>): Promise<true> {
  return waitFor({
    name,
    probe: async () => (await probe()) || undefined,
    timeoutMilliseconds: 240_000,
    hint: '',
    everyMilliseconds: 100,
  });
}
