import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '@katavm/core';
import type { Context } from '../context/context.js';
import type { StateDirectory } from '../state/state-directory.js';
import { poolPaths } from './pool-folder.js';
import { isPoolServed, notServed } from './pool-lock.js';
import { readServed, type ServedConfig } from './pool-status.js';

/** Asks the server to look at once and to forget failures. What it tells from then on names this question. */
async function ask(state: StateDirectory): Promise<string> {
  const question = randomUUID();
  await writeFile(askedPath(state), question, { mode: 0o600 });
  return question;
}

/** The last question, for the server's answer. */
export async function readAsked(state: StateDirectory): Promise<string> {
  return readFile(askedPath(state), 'utf8').catch(() => '');
}

function askedPath(state: StateDirectory): string {
  const { folder, name } = poolPaths(state).asked;
  return join(folder, name);
}

export interface AskInput {
  /** Default: all that the server keeps. */
  readonly configs: readonly string[] | undefined;
  /** What is waited for, for people. */
  readonly what: string;
  readonly until: (config: ServedConfig) => boolean;
  readonly timeoutMilliseconds: number;
  readonly signal: AbortSignal;
}

/**
 * Has the server look, and waits until it has come so far with each of these configs.
 *
 * @throws KATAVM_POOL_NOT_SERVED, also where it ends meanwhile; KATAVM_WAIT_TIMED_OUT.
 */
export async function askPool({ state, emit }: Context, input: AskInput): Promise<ServedConfig[]> {
  const question = await ask(state);
  return waitFor(
    {
      name: input.what,
      probe: async () => {
        const served = await readServed(state);
        // Its end removes what it told.
        if (!served) return (await isPoolServed(state)) ? undefined : Promise.reject(notServed(state));
        const configs = served.configs.filter(({ config }) => input.configs?.includes(config) ?? true);
        return served.asked === question && configs.every(input.until) ? configs : undefined;
      },
      timeoutMilliseconds: input.timeoutMilliseconds,
      hint: 'katavm pool status shows what the server does',
    },
    { signal: input.signal, emit },
  );
}
