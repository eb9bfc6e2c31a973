import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { start } from '@katavm/core';
import { onTestFinished } from 'vitest';
import { checkout, environment, testHome } from '../harness/katavm.js';

const hooks = join(checkout, 'packages/jenkins-hooks');
export const startProgram = join(hooks, 'bin/katavm-jenkins-start');
export const stopProgram = join(hooks, 'bin/katavm-jenkins-stop');

type Environment = Readonly<Record<string, string | undefined>>;

/** A hook that runs, as Jenkins has it: both ends of the channel, what the node's log shows, and how it ended. */
export interface RunningHook {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Everything on stdout, unless `stdout` is read by another. */
  readonly output: () => Buffer;
  readonly log: () => string;
  /** Waits until the node's log holds this. */
  readonly told: (text: string | RegExp) => Promise<void>;
  readonly ended: Promise<{ readonly exitCode: number | undefined; readonly signal: string | undefined }>;
  kill(signal: NodeJS.Signals): void;
}

/** Without Jenkins' variables, whoever runs the tests: a CI server may be a Jenkins. */
function hookEnvironment(env: Environment = {}): Environment {
  const jenkins = ['NODE_NAME', 'JENKINS_URL', 'AGENTJAR_URL', 'SLAVEJAR_URL', 'HUDSON_COOKIE'];
  const absent = Object.fromEntries(jenkins.map((name) => [name, undefined]));
  return { ...environment(testHome()), ...absent, KATAVM_JENKINS_FILE: '', ...env };
}

export function startHook(args: readonly string[], env: Environment = {}, program = startProgram): RunningHook {
  return follow(program, args, env);
}

/** As sshd runs a command: by the login user's shell. */
export function startByShell(text: string, env: Environment = {}): RunningHook {
  return follow('sh', ['-c', text], env);
}

function follow(program: string, args: readonly string[], env: Environment): RunningHook {
  const running = start(program, args, { env: hookEnvironment(env), detached: true });
  const chunks: Buffer[] = [];
  running.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  let log = '';
  const waiting = new Set<() => void>();
  const look = () => {
    for (const each of waiting) each();
  };
  running.stderr.on('data', (chunk) => {
    log += String(chunk);
    look();
  });
  void running.ended.then(look);
  const told = (text: string | RegExp) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (typeof text === 'string' ? !log.includes(text) : !text.test(log)) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
      void running.ended.then(() => reject(new Error(`the hook ended without saying "${text}":\n${log}`)));
    });
  const kill = (signal: NodeJS.Signals) => process.kill(running.pid, signal);
  const { pid, stdin, stdout, ended } = running;
  onTestFinished(async () => {
    stdin.end();
    running.kill('SIGKILL');
    await ended;
  });
  return { pid, stdin, stdout, output: () => Buffer.concat(chunks), log: () => log, told, ended, kill };
}

/** A folder of the test's own, removed after it. Not under the tests' home: what a job leaves there is what is looked for. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-hook-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A site file over the minimal config, as KATAVM_SITE. */
export async function siteOver(layer: object): Promise<string> {
  const file = join(await temporaryFolder(), 'site.yaml');
  await writeFile(file, JSON.stringify({ configs: { minimal: layer } }));
  return file;
}
