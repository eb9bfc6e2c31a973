import { join } from 'node:path';
import { exec, type RunningProcess, start } from '@katavm/core';

export const checkout = join(import.meta.dirname, '..', '..');
export const bin = join(checkout, 'packages/cli/dist/bin/katavm.js');

export interface KatavmRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  /** The words of a command that runs the program elsewhere, such as in another namespace. */
  readonly within?: readonly string[];
}

const everyExitCode = Array.from({ length: 256 }, (_, code) => code);

/** Runs the program as a user does, in the tests' home, and returns how it ended. */
export function katavm(args: readonly string[], options: RunOptions = {}): Promise<KatavmRun> {
  return withHome(testHome(), args, options);
}

export function withHome(
  home: string,
  args: readonly string[],
  { env, input, cwd, within = [] }: RunOptions = {},
): Promise<KatavmRun> {
  const [command = process.execPath, ...words] = [...within, process.execPath, bin, ...args];
  return exec(command, words, {
    env: { ...environment(home), ...env },
    acceptExitCodes: everyExitCode,
    ...(input === undefined ? {} : { input }),
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** Starts the program, for tests that use its streams or send it signals. */
export function startKatavm(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningProcess {
  return start(process.execPath, [bin, ...args], { env: { ...environment(testHome()), ...env }, detached: true });
}

export function testHome(): string {
  const home = process.env['KATAVM_E2E_HOME'];
  if (!home) throw new Error('KATAVM_E2E_HOME is not set: run these tests through vitest, which sets it up');
  return home;
}

/** The tests' own home and configs; no site file of the host. */
export function environment(home: string): Record<string, string> {
  return {
    KATAVM_HOME: home,
    KATAVM_SITE: '',
    KATAVM_CONFIGS: [join(checkout, 'configs'), join(home, 'test-configs')].join(':'),
  };
}
