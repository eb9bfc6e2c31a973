import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { interruptedBy } from '../errors/aborted.js';
import type { KatavmEvent } from '../events/events.js';
import type { Requirement } from './requirement.js';
import { waitFor, waitForAll } from './wait-for.js';

const banner = { name: 'the SSH banner', timeoutMilliseconds: 1000, hint: 'look at console.log' };
const never = () => new Promise<undefined>(() => {});

describe('a wait', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('gives what the probe found, and tells that it began and ended', async () => {
    const events: KatavmEvent[] = [];
    const answers = [undefined, 0];
    const requirement: Requirement<number> = { ...banner, everyMilliseconds: 0, probe: async () => answers.shift() };
    vi.useRealTimers();
    expect(await waitFor(requirement, { emit: (event) => events.push(event) })).toBe(0);
    expect(events).toMatchObject([{ state: 'waiting' }, { state: 'ready', requirement: banner.name }]);
  });

  it('ends in time although the probe hangs and does not heed its signal', async () => {
    const waiting = expect(waitFor({ ...banner, probe: never })).rejects.toMatchObject({
      code: 'KATAVM_WAIT_TIMED_OUT',
      exitCode: 5,
      message: expect.stringContaining('1.0 s for the SSH banner'),
      hint: 'look at console.log',
    });
    await vi.advanceTimersByTimeAsync(1000);
    await waiting;
  });

  it('names what was waited for, not the error of the probe that the deadline cut off', async () => {
    const probe = (signal: AbortSignal) =>
      new Promise<undefined>((_, reject) => signal.addEventListener('abort', () => reject(new Error('socket closed'))));
    const waiting = expect(waitFor({ ...banner, probe })).rejects.toMatchObject({ code: 'KATAVM_WAIT_TIMED_OUT' });
    await vi.advanceTimersByTimeAsync(1000);
    await waiting;
  });

  it('ends at once with the reason when it is interrupted', async () => {
    const abort = new AbortController();
    const waiting = expect(waitFor({ ...banner, probe: never }, { signal: abort.signal })).rejects.toMatchObject({
      code: 'KATAVM_INTERRUPTED',
      exitCode: 130,
    });
    abort.abort(interruptedBy('SIGINT'));
    await waiting;
    await expect(waitFor({ ...banner, probe: async () => 1 }, { signal: abort.signal })).rejects.toMatchObject({ exitCode: 130 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends with the error of a probe that knows that it will never come', async () => {
    const gone = new Error('the domain is gone');
    await expect(waitFor({ ...banner, probe: () => Promise.reject(gone) })).rejects.toBe(gone);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may be longer than a timer can be, and does not end at once then', async () => {
    let looks = 0;
    const probe = async () => (++looks === 3 ? 'here' : undefined);
    const waiting = waitFor({ ...banner, timeoutMilliseconds: Number.POSITIVE_INFINITY, everyMilliseconds: 0, probe });
    vi.useRealTimers();
    expect(await waiting).toBe('here');
  });

  it('for several things stops at the first that does not come', async () => {
    const order: string[] = [];
    const look = (name: string, probe: () => Promise<unknown>) => ({
      ...banner,
      name,
      probe: () => {
        order.push(name);
        return probe();
      },
    });
    const waiting = expect(
      waitForAll([look('address', async () => 1), look('banner', never), look('login', async () => 1)]),
    ).rejects.toMatchObject({ message: expect.stringContaining('banner') });
    await vi.advanceTimersByTimeAsync(1000);
    await waiting;
    expect(order).toEqual(['address', 'banner']);
  });
});
