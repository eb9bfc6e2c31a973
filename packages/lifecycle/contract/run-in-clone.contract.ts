// A job's whole life with real locks (flock) and real identity disks (tar), on a libvirt in memory.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { StartMode } from '@katavm/config';
import { ignoreEvents, KatavmError, toVmName, type VmName } from '@katavm/core';
import { describe, expect, test, vi } from 'vitest';
import { type BootTurn, bootTurns, takeBootTurn } from '../src/clone/boot-turn.js';
import { endJob, holdJob, tryJob } from '../src/clone/job-lock.js';
import { runInClone } from '../src/run/run-in-clone.js';
import { runRecordSchema } from '../src/state/run-record.js';
import { cloneVm } from '../src/steps/4-clone-vm.js';
import { newGeneration, newWorld, type World } from '../src/testing/world.js';

const { signal } = new AbortController();
const job = toVmName('debian12-job');

async function run(
  world: World,
  options: { name?: VmName; start?: StartMode; keepOnFailure?: boolean; signal?: AbortSignal } = {},
) {
  const input = {
    config: await world.config(),
    name: options.name ?? job,
    start: options.start,
    command: 'true',
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    keepOnFailure: options.keepOnFailure ?? false,
  };
  return runInClone(world.context, input, options.signal ?? signal);
}

async function left({ context: { state }, libvirt }: World): Promise<string[]> {
  const locks = (await readdir(state.locks)).filter((name) => name.startsWith('job-'));
  return [...(await readdir(state.clones)), ...locks, ...libvirt.domains.keys()];
}

describe('a run', () => {
  test("gives back the command's exit code, and leaves nothing", async () => {
    const world = await newWorld({ guestCommand: async () => ({ exitCode: 42, signal: undefined }) });
    await world.layMaster();
    expect(await run(world)).toEqual({
      exitCode: 42,
      signal: undefined,
      clone: job,
      generation: newGeneration,
      start: 'cold',
      kept: false,
    });
    expect(await left(world)).toEqual([]);
  });

  test('leaves a record of how it went and where its time went, also where its command came to no end', async () => {
    const ends = [{ exitCode: 42, signal: undefined }, undefined];
    const world = await newWorld({
      guestCommand: async () => {
        const end = ends.shift();
        if (end) return end;
        throw new Error('the connection is gone');
      },
    });
    await world.layMaster();
    await run(world);
    await expect(run(world, { name: toVmName('debian12-lost') })).rejects.toThrow('the connection is gone');
    const read = async (name: string) =>
      runRecordSchema.parse(JSON.parse(await readFile(join(world.home, 'runs', `${name}.json`), 'utf8')));
    expect(await read(job)).toMatchObject({ clone: job, generation: newGeneration, start: 'cold', exitCode: 42, kept: false });
    expect((await read(job)).timings.map(({ part }) => part)).toEqual([
      'overlay',
      'define',
      'start',
      'boot',
      'handshake',
      'agent',
    ]);
    expect(await read('debian12-lost')).toMatchObject({ exitCode: null });
  });

  test('runs in a clone that libvirt ends with this process', async () => {
    const owners: boolean[] = [];
    const world = await newWorld({
      guestCommand: async () => {
        owners.push(world.libvirt.domains.get(job)?.owner !== undefined);
        return { exitCode: 0, signal: undefined };
      },
    });
    await world.layMaster();
    await run(world);
    expect(owners).toEqual([true]);
  });

  test('boots its emulated clone when its turn has come', async () => {
    const world = await newWorld();
    await world.layMaster();
    const { context, events, libvirt } = world;
    const turns: BootTurn[] = [];
    while (turns.length < bootTurns) turns.push(await takeBootTurn(context.state, job, { emit: ignoreEvents, signal }));
    const running = run(world); // no KVM runs here: see the fake adapters
    await vi.waitUntil(() => events.some((event) => event.type === 'wait' && event.requirement.includes('turn to boot')));
    expect(libvirt.domains.get(job)?.state).toBe('shut off');
    for (const turn of turns) await turn.end();
    expect(await running).toMatchObject({ exitCode: 0 });
    expect(events).toContainEqual(expect.objectContaining({ type: 'timing', part: 'turn' }));
    expect(await left(world)).toEqual([]);
  });

  test('boots its clone where the quick start that was asked for is not to be had, and says why', async () => {
    const world = await newWorld();
    await world.layMaster();
    expect(await run(world, { start: 'template' })).toMatchObject({ exitCode: 0, start: 'cold' });
    expect(world.events).toContainEqual(expect.objectContaining({ type: 'notice', code: 'KATAVM_STARTED_COLD' }));
    expect(await left(world)).toEqual([]);
  });

  test('leaves nothing when the connection to the guest is lost', async () => {
    const world = await newWorld({ guestCommand: () => Promise.reject(new Error('lost')) });
    await world.layMaster();
    await expect(run(world)).rejects.toThrow('lost');
    expect(await left(world)).toEqual([]);
  });

  test.each([
    ['is told where QEMU has halted the guest', 'halted', 'KATAVM_GUEST_HALTED'],
    ['stays as it is where the guest runs', 'running', 'KATAVM_GUEST_LOST'],
  ] as const)('the reason of a lost connection %s', async (_, state, code) => {
    const world = await newWorld({
      guestCommand: async () => {
        const domain = world.libvirt.domains.get(job);
        if (domain) domain.state = state;
        throw new KatavmError({ code: 'KATAVM_GUEST_LOST', message: 'lost', hint: '' });
      },
    });
    await world.layMaster();
    await expect(run(world)).rejects.toMatchObject({ code });
    expect(await left(world)).toEqual([]);
  });

  test('the reason of a lost connection is told where libvirt’s daemon has ended, and the next connection removes the rest', async () => {
    const world = await newWorld({
      guestCommand: async () => {
        await (await world.context.connect('fake:///')).close();
        throw new KatavmError({ code: 'KATAVM_GUEST_LOST', message: 'lost', hint: '' });
      },
    });
    await world.layMaster();
    await expect(run(world)).rejects.toMatchObject({ code: 'KATAVM_LIBVIRT_RESTARTED', hint: expect.stringContaining('again') });
    expect(await left(world)).toEqual([]);
  });

  test('the reason of a lost connection is told where libvirt’s daemon has ended the guest, and not yet itself', async () => {
    const world = await newWorld({
      guestCommand: async () => {
        const hypervisor = await world.context.connect('fake:///');
        const asked = vi.spyOn(hypervisor, 'state').mockImplementation(async () => {
          if (asked.mock.calls.length === 3) await hypervisor.close();
          return asked.mock.calls.length > 3 ? (await hypervisor.find(job))?.state : 'shut off';
        });
        throw new KatavmError({ code: 'KATAVM_GUEST_LOST', message: 'lost', hint: '' });
      },
    });
    await world.layMaster();
    await expect(run(world)).rejects.toMatchObject({ code: 'KATAVM_LIBVIRT_RESTARTED' });
    expect(await left(world)).toEqual([]);
  });

  test('leaves nothing when there is no master', async () => {
    const world = await newWorld();
    await expect(run(world)).rejects.toMatchObject({ code: 'KATAVM_MASTER_NOT_BUILT' });
    expect(await left(world)).toEqual([]);
  });

  test('keeps the clone of a failed command where it was asked to, and of a good one never', async () => {
    let exitCode = 3;
    const world = await newWorld({ guestCommand: async () => ({ exitCode, signal: undefined }) });
    await world.layMaster();
    expect(await run(world, { keepOnFailure: true })).toMatchObject({ exitCode: 3, kept: true });
    expect(await left(world)).toEqual([job, job]);
    exitCode = 0;
    expect(await run(world, { name: toVmName('debian12-good'), keepOnFailure: true })).toMatchObject({ kept: false });
    expect(await left(world)).toEqual([job, job]);
  });

  test('that is given the name of a clone that is there fails, and leaves that clone alone', async () => {
    const world = await newWorld();
    await world.layMaster();
    await cloneVm(world.context, { config: await world.config(), name: job, force: false }, signal);
    await expect(run(world)).rejects.toMatchObject({ code: 'KATAVM_CLONE_EXISTS' });
    expect(await left(world)).toEqual([job, job]);
  });
});

describe("a job's lock", () => {
  test('is held on the file that gc will look at, also when its name was waited for', async () => {
    const { context } = await newWorld();
    const first = await holdJob(context.state, job);
    const waiting = holdJob(context.state, job);
    await endJob(context.state, job, first);
    const second = await waiting;
    expect(await tryJob(context.state, job)).toBeUndefined();
    await endJob(context.state, job, second);
    const free = await tryJob(context.state, job);
    expect(free).toBeDefined();
    await free?.release();
  });
});
