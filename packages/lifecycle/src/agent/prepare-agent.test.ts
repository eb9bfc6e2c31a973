import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, ignoreEvents } from '@katavm/core';
import { type GuestSession, quoteCommand } from '@katavm/ssh-agent-runner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../context/context.js';
import { prepareAgent } from './prepare-agent.js';

const context = { emit: ignoreEvents, adapters: { ssh: { quoteCommand } } } as unknown as Context;
const { signal } = new AbortController();
const exitCodes = Array.from({ length: 256 }, (_, code) => code);

/** A guest whose login shell runs this first: the real answers, from a shell of this host. */
function guest(first: string): GuestSession {
  const run = (command: string) => exec('sh', ['-c', `${first}\n${command}`], { acceptExitCodes: exitCodes });
  return { run } as unknown as GuestSession;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-agent-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the login shell of a guest', () => {
  const needs = () => ({ java: 'sh', target: join(folder, 'agent.jar'), jar: undefined });

  test.each([
    ['prints a line', 'echo Welcome', 'Welcome\\n'],
    ['prints without a line end', 'printf x', '"x"'],
    ['prints what looks like an answer', 'echo java', 'java\\n'],
    ['runs no command, and says so', 'echo This account is not available; exit 1', 'This account'],
    ['runs no command, and says so on stderr', 'echo Go away >&2; exit 1', 'Go away'],
  ])('that %s is told before the agent runs', async (_name, first, shown) => {
    const refusal = expect.objectContaining({ code: 'KATAVM_AGENT_SHELL_PRINTS', message: expect.stringContaining(shown) });
    await expect(prepareAgent(context, guest(first), undefined, signal)).rejects.toEqual(refusal);
    await expect(prepareAgent(context, guest(first), needs(), signal)).rejects.toEqual(refusal);
  });

  test('that is quiet, or prints on stderr alone, is none of our business', async () => {
    await expect(prepareAgent(context, guest('echo a banner >&2'), undefined, signal)).resolves.toBeUndefined();
    await expect(prepareAgent(context, guest(''), needs(), signal)).rejects.toMatchObject({ code: 'KATAVM_AGENT_JAR_MISSING' });
  });
});
