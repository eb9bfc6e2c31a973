import { once } from 'node:events';
import { abortReason, KatavmError, parseVmName } from '@katavm/core';
import type { DomainState, Hypervisor } from '@katavm/libvirt';
import type { GuestSession } from '@katavm/ssh-agent-runner';
import { expect, test } from 'vitest';
import type { Context } from '../context/context.js';
import { reachGuest } from './reach-guest.js';

const session = {} as GuestSession;

interface Given {
  readonly ssh: Partial<Context['adapters']['ssh']>;
  readonly state?: DomainState;
  readonly listens?: boolean;
}

function inputs({ ssh, state = 'running', listens = false }: Given): Parameters<typeof reachGuest> {
  const hypervisor: Partial<Hypervisor> = {
    state: async () => state,
    forwardPort: async (_, guestPort) => 40_000 + guestPort,
  };
  const context = { adapters: { ssh }, emit: () => {} } as unknown as Context;
  const clone = { name: parseVmName('a-clone'), network: { kind: 'user' }, macAddress: '', user: 'jenkins' } as const;
  const rest = { keyPath: '/key', hostKey: '', emulated: true, consoleLog: '/console.log', timeoutMilliseconds: 60_000 };
  return [context, { ...clone, ...rest, hypervisor: hypervisor as Hypervisor, listens, signal: new AbortController().signal }];
}

/** What was asked of a guest, in order; its first so many connections are closed on it. */
async function reach({ listens, closed }: { readonly listens: boolean; readonly closed: number }): Promise<string[]> {
  const asked: string[] = [];
  let left = closed;
  const ssh: Partial<Context['adapters']['ssh']> = {
    greet: async ({ closedPort, emulated }) => {
      asked.push(`greet ${emulated ? 'who is slow ' : ''}after ${closedPort?.port}`);
      return { banner: 'SSH-2.0-test', close: () => {} };
    },
    connect: async ({ greeting }) => {
      asked.push(greeting ? 'connect to who has spoken' : 'connect');
      if (left-- > 0) throw new KatavmError({ code: 'KATAVM_GUEST_UNREACHABLE', message: 'closed', hint: '' });
      return session;
    },
  };
  expect(await reachGuest(...inputs({ ssh, listens }))).toBe(session);
  return asked;
}

test('a guest that boots is waited for, and connected to on the connection on which it spoke', async () => {
  expect(await reach({ listens: false, closed: 0 })).toEqual(['greet who is slow after 40001', 'connect to who has spoken']);
});

test('a guest that listens is connected to at once', async () => {
  expect(await reach({ listens: true, closed: 0 })).toEqual(['connect']);
});

test('a server that hangs up is waited for again, as often as it does, whether it was said to listen or not', async () => {
  const again = ['greet who is slow after 40001', 'connect to who has spoken'];
  expect(await reach({ listens: true, closed: 2 })).toEqual(['connect', ...again, ...again]);
  expect(await reach({ listens: false, closed: 1 })).toEqual([...again, ...again]);
});

test.each([
  ['halted', 'KATAVM_GUEST_HALTED', 'QEMU halted the guest a-clone while it booted; its console is empty'],
  ['shut off', 'KATAVM_GUEST_DIED', 'the guest a-clone stopped while it booted (it is shut off); its console is empty'],
] as const)('a guest that is %s is not waited for', async (state, code, message) => {
  const greet = async ({ signal = new AbortController().signal }: { readonly signal?: AbortSignal | undefined }) => {
    if (!signal.aborted) await once(signal, 'abort');
    throw abortReason(signal);
  };
  await expect(reachGuest(...inputs({ ssh: { greet }, state }))).rejects.toMatchObject({ code, message });
});
