import { once } from 'node:events';
import { abortReason, KatavmError, parseVmName } from '@katavm/core';
import type { DomainListener, DomainState, Hypervisor } from '@katavm/libvirt';
import type { GuestSession } from '@katavm/ssh-agent-runner';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Context } from '../context/context.js';
import { reachGuest } from './reach-guest.js';

const session = {} as GuestSession;

interface Given {
  readonly ssh: Partial<Context['adapters']['ssh']>;
  readonly listens?: boolean;
  readonly start?: () => Promise<void>;
  readonly domain?: FakeGuest;
}

/** A domain that tells its listener what a test makes of it. */
class FakeGuest {
  listener: DomainListener | undefined;
  state: DomainState = 'running';

  become(state: DomainState): void {
    this.state = state;
    this.listener?.changed();
  }
}

function inputs({ ssh, start, listens = false, domain = new FakeGuest() }: Given): Parameters<typeof reachGuest> {
  const hypervisor: Partial<Hypervisor> = {
    state: async () => domain.state,
    listen: async (_, listener) => {
      domain.listener = listener;
      return () => {
        domain.listener = undefined;
      };
    },
    forwardPort: async (_, guestPort) => 40_000 + guestPort,
  };
  const context = { adapters: { ssh }, emit: () => {} } as unknown as Context;
  const clone = { name: parseVmName('a-clone'), network: { kind: 'user' }, macAddress: '', user: 'jenkins' } as const;
  const rest = { keyPath: '/key', hostKey: '', emulated: true, consoleLog: '/console.log', timeoutMilliseconds: 60_000 };
  return [
    context,
    { ...clone, ...rest, hypervisor: hypervisor as Hypervisor, start, listens, signal: new AbortController().signal },
  ];
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

test('a guest that listens is connected to at once, and libvirt is to tell nothing of it', async () => {
  expect(await reach({ listens: true, closed: 0 })).toEqual(['connect']);
  const domain = new FakeGuest();
  const connect = async () => {
    expect(domain.listener).toBeUndefined();
    return session;
  };
  expect(await reachGuest(...inputs({ ssh: { connect }, listens: true, domain }))).toBe(session);
});

test('a server that hangs up is waited for again, as often as it does, whether it was said to listen or not', async () => {
  const again = ['greet who is slow after 40001', 'connect to who has spoken'];
  expect(await reach({ listens: true, closed: 2 })).toEqual(['connect', ...again, ...again]);
  expect(await reach({ listens: false, closed: 1 })).toEqual([...again, ...again]);
});

/** Greets nobody: ends when the wait is cut off. */
const greetNobody: Context['adapters']['ssh']['greet'] = async ({ signal = new AbortController().signal }) => {
  if (!signal.aborted) await once(signal, 'abort');
  throw abortReason(signal);
};

test.each([
  ['halted', 'KATAVM_GUEST_HALTED', 'QEMU halted the guest a-clone while it booted; its console is empty'],
  ['shut off', 'KATAVM_GUEST_DIED', 'the guest a-clone stopped while it booted (it is shut off); its console is empty'],
] as const)('a guest that is %s is not waited for, nor one that becomes so', async (state, code, message) => {
  const domain = new FakeGuest();
  const reached = reachGuest(...inputs({ ssh: { greet: greetNobody }, domain, start: async () => domain.become('running') }));
  setImmediate(() => domain.become(state));
  await expect(reached).rejects.toMatchObject({ code, message });
  expect(domain.listener).toBeUndefined();
  await expect(reachGuest(...inputs({ ssh: { greet: greetNobody }, domain }))).rejects.toMatchObject({ code, message });
});

test('an end of which nobody was told is found all the same', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const domain = new FakeGuest();
  const reached = reachGuest(...inputs({ ssh: { greet: greetNobody }, domain }));
  const ended = expect(reached).rejects.toMatchObject({ code: 'KATAVM_GUEST_DIED' });
  await vi.advanceTimersByTimeAsync(0);
  domain.state = 'shut off';
  await vi.advanceTimersByTimeAsync(5000);
  await ended;
});

test('a guest is listened to before it starts, and asked when its network card is up', async () => {
  const domain = new FakeGuest();
  const said: string[] = [];
  const start = async () => {
    said.push(domain.listener ? 'started' : 'started too soon');
  };
  const greet: Context['adapters']['ssh']['greet'] = async ({ networkUp }) => {
    setImmediate(() => {
      said.push('network up');
      domain.listener?.networkUp?.();
    });
    await networkUp;
    said.push('asked');
    return { banner: 'SSH-2.0-test', close: () => {} };
  };
  const ssh = { greet, connect: async () => session };
  expect(await reachGuest(...inputs({ ssh, start, domain }))).toBe(session);
  expect({ said, listener: domain.listener }).toEqual({ said: ['started', 'network up', 'asked'], listener: undefined });
});

test('one that cannot be started is listened to no more', async () => {
  const domain = new FakeGuest();
  const start = async () => {
    throw new Error('no');
  };
  await expect(reachGuest(...inputs({ ssh: {}, start, domain }))).rejects.toThrow('no');
  expect(domain.listener).toBeUndefined();
});

test('the network card of a guest that runs already is not waited for', async () => {
  const greet: Context['adapters']['ssh']['greet'] = async ({ networkUp }) => ({ banner: String(networkUp), close: () => {} });
  const connect: Context['adapters']['ssh']['connect'] = async ({ greeting }) => {
    expect(greeting?.banner).toBe('undefined');
    return session;
  };
  expect(await reachGuest(...inputs({ ssh: { greet, connect } }))).toBe(session);
});
