// The pool with real locks (flock), real files and their watches, on a libvirt in memory.
import { readdir, writeFile } from 'node:fs/promises';
import { KatavmError, type MiB, waitFor } from '@katavm/core';
import { describe, expect, test } from 'vitest';
import { cloneFiles } from '../src/clone/clone-domain.js';
import { listClones } from '../src/clone/list-clones.js';
import { collectDeadJobs } from '../src/gc/collect-dead-jobs.js';
import { drainPool } from '../src/pool/drain-pool.js';
import { fillPool } from '../src/pool/fill-pool.js';
import { poolStatus } from '../src/pool/pool-status.js';
import { servePool } from '../src/pool/serve-pool.js';
import { newGeneration, newWorld, type World } from '../src/testing/world.js';
import { full, left, openPool, patience, run, serve, signal, text, until, uri, waiting } from './pool-world.js';

describe('the pool', () => {
  test('keeps as many clones paused as the config says, and leaves none when it is ended', async () => {
    const { world, stop } = await openPool({ pool: '{size: 3}' });
    await full(world);
    const clones = await listClones(world.context, uri);
    expect(clones.map(({ state, purpose }) => `${purpose} ${state}`)).toEqual(Array(3).fill('pooled paused'));
    await stop();
    expect(await left(world)).toEqual([]);
    expect((await poolStatus(world.context)).server).toBeUndefined();
  });

  test('hands each clone to one of ten jobs that come at once; the others boot theirs', async () => {
    const { world, stop } = await openPool({ pool: '{size: 3}' });
    await full(world);
    const ready = await waiting(world);
    const results = await Promise.all(Array.from({ length: 10 }, () => run(world)));
    expect(results.every(({ exitCode }) => exitCode === 0)).toBe(true);
    expect(new Set(results.map(({ clone }) => clone)).size).toBe(10);
    const pooled = results.filter(({ start }) => start === 'pooled').map(({ clone }) => clone);
    expect(pooled).toEqual(expect.arrayContaining(ready));
    await full(world);
    await stop();
    expect(await left(world)).toEqual([]);
  });

  test('has no part any more in a clone that a job has: its end is not the end of the job', async () => {
    const { world, stop } = await openPool();
    await full(world);
    const [ready = ''] = await waiting(world);
    const result = await run(world, async () => {
      await stop();
      expect(world.libvirt.domains.get(ready)?.state).toBe('running');
      expect(await collectDeadJobs(world.context, uri)).toEqual([]);
    });
    expect(result).toMatchObject({ clone: ready, start: 'pooled', exitCode: 0 });
    expect(await left(world)).toEqual([]);
  });

  test('is filled on request also where a clone has just been handed out', async () => {
    const { world } = await openPool();
    await full(world);
    await run(world, () => until(world, 'the hand-out', ({ heldBack }) => heldBack === 'handing out').then(() => {}));
    const filled = await fillPool(world.context, { configs: ['debian12'], timeoutMilliseconds: patience }, signal);
    expect(filled).toMatchObject([{ ready: 1 }]);
  });

  test('and its waiting clones are left alone by gc', async () => {
    const { world } = await openPool();
    await full(world);
    const ready = await waiting(world);
    expect(await collectDeadJobs(world.context, uri)).toEqual([]);
    expect(await waiting(world)).toEqual(ready);
  });

  test('is kept by one server', async () => {
    const { world } = await openPool();
    await full(world);
    const second = servePool(
      world.context,
      { loadConfigs: async () => [await world.reload('debian12')], budget: 1 as MiB },
      signal,
    );
    await expect(second).rejects.toMatchObject({ code: 'KATAVM_POOL_SERVED' });
  });

  test('with no config is not served', async () => {
    const { context } = await newWorld();
    const serving = servePool(context, { loadConfigs: async () => [], budget: 1 as MiB }, signal);
    await expect(serving).rejects.toMatchObject({ code: 'KATAVM_POOL_WITHOUT_CONFIG' });
  });
});

describe('a waiting clone is replaced', () => {
  /** Another one waits in the place of the first, of which nothing is left. */
  async function expectReplaced(world: World, change: () => Promise<unknown>): Promise<string> {
    await full(world);
    const [old = ''] = await waiting(world);
    await change();
    const fresh = await waitFor({
      name: `another clone than ${old}`,
      probe: async () => (await waiting(world)).find((name) => name !== old),
      timeoutMilliseconds: patience,
      hint: JSON.stringify(await poolStatus(world.context)),
    });
    expect(world.libvirt.domains.has(old)).toBe(false);
    return fresh;
  }

  test('when it is too old', async () => {
    const { world } = await openPool({ pool: '{size: 1, maxAge: 1s}' });
    await expectReplaced(world, async () => {});
  });

  test('when another generation is current', async () => {
    const { world } = await openPool();
    const fresh = await expectReplaced(world, () => world.layMaster('debian12', newGeneration));
    expect(world.libvirt.domains.get(fresh)?.spec?.metadata.generation).toBe(newGeneration);
  });

  test('when its config describes another VM', async () => {
    const { world } = await openPool();
    await full(world);
    const fresh = await expectReplaced(world, async () => {
      await world.config('debian12', text({}).replace('memory', 'vcpus: 1, memory'));
      await fillPool(world.context, { configs: undefined, timeoutMilliseconds: patience }, signal);
    });
    expect(world.libvirt.domains.get(fresh)?.spec?.vcpus).toBe(1);
  });

  test('when the key that opens it is another one', async () => {
    const { world } = await openPool();
    await expectReplaced(world, async () => {
      await writeFile(`${world.context.state.key('katavm')}.pub`, 'ssh-ed25519 CCCC');
      await fillPool(world.context, { configs: undefined, timeoutMilliseconds: patience }, signal);
    });
  });

  test('when its connection to libvirt has broken', async () => {
    const { world } = await openPool();
    await expectReplaced(world, async () => {
      const [name = ''] = await waiting(world);
      await world.libvirt.breakShared(cloneFiles(world.context.state.clone(name)).lifeline);
    });
  });
});

describe('the pool boots nothing', () => {
  test('while a job that asked for quiet runs, and gives up what boots when it begins', async () => {
    let logins = 0;
    let tellStuck = () => {};
    const stuck = new Promise<void>((resolve) => {
      tellStuck = resolve;
    });
    // Three are the first clone's; the second one's boot does not come to its end by itself.
    const login = async (stop?: AbortSignal) => {
      if (++logins !== 4) return;
      tellStuck();
      await new Promise((_, reject) => stop?.addEventListener('abort', () => reject(stop.reason)));
    };
    const { world } = await openPool({ login, pool: '{size: 2}', more: ', isolation: {quiet: true}' });
    await stuck;
    const result = await run(world, async () => {
      await until(world, 'quiet', ({ heldBack, booting }) => heldBack === 'quiet' && booting === 0);
      expect(await poolStatus(world.context)).toMatchObject({ quiet: [expect.stringMatching(/^debian12-/)] });
      expect(await readdir(world.context.state.clones)).toHaveLength(1);
    });
    expect(result.start).toBe('pooled');
    await full(world);
  });

  test('beyond its budget, and says so', async () => {
    const { world } = await openPool({ pool: '{size: 5}', budget: 2 });
    expect(await until(world, 'what fits', ({ ready }) => ready === 2)).toMatchObject({ size: 5 });
    await until(world, 'the reason', ({ heldBack, booting }) => heldBack === 'budget' && booting === 0);
    expect(await waiting(world)).toHaveLength(2);
  });

  test('of a config without a master, until there is one', async () => {
    const world = await newWorld();
    await serve(world, {});
    await until(world, 'the reason', ({ heldBack }) => heldBack === 'no master');
    await world.layMaster();
    await fillPool(world.context, { configs: ['debian12'], timeoutMilliseconds: patience }, signal);
    expect(await waiting(world)).toHaveLength(1);
  });

  test('again and again where it fails: it tells why, and tries again when it is asked to', async () => {
    let broken = true;
    const login = async () => {
      if (broken) throw new Error('no way in');
    };
    const { world } = await openPool({ login });
    await until(world, 'the failure', ({ heldBack, error }) => heldBack === 'failing' && error === 'no way in');
    expect(
      world.events.filter((event) => event.type === 'step' && event.step === 'clone' && event.state === 'done'),
    ).toHaveLength(1);
    expect(await readdir(world.context.state.clones)).toEqual([]);
    broken = false;
    const [filled] = await fillPool(world.context, { configs: undefined, timeoutMilliseconds: patience }, signal);
    expect(filled).toMatchObject({ ready: 1 });
    expect(filled?.error).toBeUndefined();
  });

  test('of a master without a wake agent, and says that it has to be built again', async () => {
    const { world } = await openPool({ hasWakeAgent: false });
    const { error } = await until(world, 'the failure', ({ heldBack }) => heldBack === 'failing');
    expect(error).toContain('build it anew');
    expect(await left(world)).toEqual([]);
  });
});

describe('draining', () => {
  test('deletes what waits and has nothing booted until the pool is filled again', async () => {
    const { world, stop } = await openPool({ pool: '{size: 2}' });
    await full(world);
    const ready = await waiting(world);
    const input = { configs: undefined, uri, timeoutMilliseconds: patience };
    expect((await drainPool(world.context, input, signal)).sort()).toEqual(ready.sort());
    expect(await left(world)).toEqual([]);
    expect(await run(world)).toMatchObject({ start: 'cold' });
    await stop();
    await serve(world, { pool: '{size: 2}' });
    await until(world, 'the reason', ({ heldBack, ready: count }) => heldBack === 'drained' && count === 0);
    await fillPool(world.context, { configs: ['debian12'], timeoutMilliseconds: patience }, signal);
    expect(await waiting(world)).toHaveLength(2);
  });
});

describe('without a server', () => {
  test('a job boots its clone, and filling says what to do', async () => {
    const world = await newWorld();
    await world.layMaster();
    await world.config('debian12', text({}));
    expect(await run(world)).toMatchObject({ exitCode: 0, start: 'cold' });
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'notice', code: 'KATAVM_STARTED_COLD' }));
    const filling = fillPool(world.context, { configs: undefined, timeoutMilliseconds: patience }, signal);
    await expect(filling).rejects.toMatchObject({ code: 'KATAVM_POOL_NOT_SERVED', hint: expect.stringContaining('pool serve') });
  });

  test('draining finds nothing, and is no error', async () => {
    const world = await newWorld();
    expect(await drainPool(world.context, { configs: undefined, uri, timeoutMilliseconds: patience }, signal)).toEqual([]);
  });
});

test('a clone of the pool that does not come back is deleted, and its job boots another', async () => {
  let logins = 0;
  const login = async () => {
    // Three while it was booted ahead; the fourth is its job's.
    // As the SSH package tells it: a plain Error is a bug, and no reason to boot another.
    if (++logins === 4) throw new KatavmError({ code: 'KATAVM_GUEST_UNREACHABLE', message: 'nobody is at home', hint: 'look' });
  };
  const { world, stop } = await openPool({ login });
  await full(world);
  const [ready = ''] = await waiting(world);
  const result = await run(world, async () => expect(world.libvirt.domains.has(ready)).toBe(false));
  expect(result).toMatchObject({ exitCode: 0, start: 'cold' });
  const notice = { code: 'KATAVM_STARTED_COLD', message: expect.stringContaining('nobody is at home') };
  expect(world.events).toContainEqual(expect.objectContaining(notice));
  await stop();
  expect(await left(world)).toEqual([]);
});
