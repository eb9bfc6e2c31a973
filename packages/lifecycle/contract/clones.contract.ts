// Clones with real locks (flock) and real identity disks (tar), on a libvirt in memory.
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { toVmName } from '@katavm/core';
import { describe, expect, test } from 'vitest';
import { runInClone } from '../src/run/run-in-clone.js';
import { readCloneRecord, recordPath, writeCloneRecord } from '../src/state/clone-record.js';
import { cloneVm } from '../src/steps/4-clone-vm.js';
import { loginClone } from '../src/steps/5-login-clone.js';
import { deleteClone } from '../src/steps/7-delete-clone.js';
import { newGeneration, newWorld, oldGeneration, type World } from '../src/testing/world.js';

const { signal } = new AbortController();
const usual = toVmName('debian12-clone');

async function clone(world: World, force = false) {
  return cloneVm(world.context, { config: await world.config(), force }, signal);
}

async function markStarted({ context: { state } }: World): Promise<void> {
  const record = await readCloneRecord(state, usual);
  if (record) await writeCloneRecord(state, { ...record, started: record.created });
}

describe('step 4', () => {
  test('makes a clone that is defined, not started, and whose disk lies on the current generation', async () => {
    const world = await newWorld();
    await world.layMaster();
    expect(await clone(world)).toEqual({ clone: usual, generation: newGeneration, created: true });
    expect((await readdir(world.context.state.clone(usual))).sort()).toEqual(['clone.json', 'disk.qcow2', 'identity.tar']);
    const domain = world.libvirt.domains.get(usual);
    expect(domain).toMatchObject({ state: 'shut off', spec: { metadata: { purpose: 'kept', home: world.home } } });
    expect(domain?.spec?.disks[0]?.backing?.path).toContain(newGeneration);
  });

  test('leaves a clean clone as it is when it is run again', async () => {
    const world = await newWorld();
    await world.layMaster();
    await clone(world);
    const record = await readCloneRecord(world.context.state, usual);
    expect(await clone(world)).toMatchObject({ created: false });
    expect(await readCloneRecord(world.context.state, usual)).toEqual(record);
  });

  test('hands out no clone that was started, or is of an older generation, unless it may replace it', async () => {
    const world = await newWorld();
    await world.layMaster('debian12', oldGeneration);
    await clone(world);
    await world.layMaster('debian12', newGeneration);
    await expect(clone(world)).rejects.toMatchObject({ code: 'KATAVM_CLONE_EXISTS', hint: `katavm clone delete ${usual}` });
    expect(await clone(world, true)).toMatchObject({ created: true, generation: newGeneration });
    await markStarted(world);
    await expect(clone(world)).rejects.toMatchObject({ code: 'KATAVM_CLONE_EXISTS' });
    expect(await clone(world, true)).toMatchObject({ created: true });
  });

  test('makes one clone when it is run twice at once', async () => {
    const world = await newWorld();
    await world.layMaster();
    const results = await Promise.all([clone(world), clone(world)]);
    expect(results.map((result) => 'created' in result && result.created).sort()).toEqual([false, true]);
  });

  test("never touches another home's clone of the same name, not even when it fails because of it", async () => {
    const theirs = await newWorld();
    await theirs.layMaster();
    await clone(theirs);
    const ours = await theirs.neighbour();
    await ours.layMaster();
    await expect(clone(ours)).rejects.toMatchObject({ code: 'KATAVM_DOMAIN_EXISTS' });
    expect(theirs.libvirt.domains.get(usual)?.spec?.metadata.home).toBe(theirs.home);
    expect(await readdir(ours.context.state.clones)).toEqual([]);
  });
});

describe('step 7', () => {
  const remove = ({ context }: World) => deleteClone(context, { name: usual, uri: 'fake:///' }, signal);

  test('deletes a clone whole, and succeeds where there is none', async () => {
    const world = await newWorld();
    await world.layMaster();
    await clone(world);
    expect(await remove(world)).toEqual({ clone: usual, deleted: true });
    expect(await readdir(world.context.state.clones)).toEqual([]);
    expect(world.libvirt.domains.size).toBe(0);
    expect(await remove(world)).toEqual({ clone: usual, deleted: false });
  });

  test('deletes a clone whose record or whose folder is lost', async () => {
    const world = await newWorld();
    await world.layMaster();
    await clone(world);
    await writeFile(recordPath(world.context.state, usual), '{');
    expect(await remove(world)).toMatchObject({ deleted: true });
    expect(world.libvirt.domains.size).toBe(0);
  });

  test("leaves a domain of that name alone that katavm did not make, and another home's", async () => {
    const theirs = await newWorld();
    await theirs.layMaster();
    await clone(theirs);
    expect(await remove(await theirs.neighbour())).toMatchObject({ deleted: false });
    expect(theirs.libvirt.domains.has(usual)).toBe(true);
    const empty = await newWorld();
    empty.libvirt.addForeign(usual);
    expect(await remove(empty)).toMatchObject({ deleted: false });
    expect(empty.libvirt.domains.get(usual)?.state).toBe('running');
  });
});

test('a dry run of steps 4 and 7 tells what they would do to the clone that is there', async () => {
  const world = await newWorld();
  await world.layMaster();
  const plan = async (force = false) =>
    cloneVm(world.context, { config: await world.config(), force, dryRun: true }, signal).then((result) =>
      JSON.stringify(result),
    );
  expect(await plan()).toContain('create overlay');
  await clone(world);
  expect(await plan()).toBe('{"dryRun":true,"plan":[]}');
  await markStarted(world);
  await expect(plan()).rejects.toMatchObject({ code: 'KATAVM_CLONE_EXISTS' });
  expect(await plan(true)).toMatch(/delete clone.*create overlay/);
  const deletion = await deleteClone(world.context, { name: usual, uri: 'fake:///', dryRun: true }, signal);
  expect(JSON.stringify(deletion)).toContain('undefine');
  expect(world.libvirt.domains.has(usual)).toBe(true);
});

test.each(['shut off', 'paused', 'halted', 'running'] as const)('step 5 opens a shell in a clone that is %s', async (state) => {
  const world = await newWorld({ guestCommand: async () => ({ exitCode: 3, signal: undefined }) });
  await world.layMaster();
  await clone(world);
  const domain = world.libvirt.domains.get(usual);
  if (domain) domain.state = state;
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  expect(await loginClone(world.context, { name: usual, ...streams }, signal)).toMatchObject({ clone: usual, exitCode: 3 });
  expect(domain?.state).toBe('running');
});

test("step 5 opens a shell in a job's clone, too, while the job runs in it", async () => {
  const streams = () => ({ stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() });
  const name = toVmName('debian12-job');
  const look = () => loginClone(world.context, { name, ...streams() }, signal);
  let seen: unknown;
  const world: World = await newWorld({
    guestCommand: async (command) => {
      if (command === 'the job') seen = await look();
      return { exitCode: 0, signal: undefined };
    },
  });
  await world.layMaster();
  const config = await world.config();
  await runInClone(world.context, { config, name, command: 'the job', keepOnFailure: false, ...streams() }, signal);
  expect(seen).toMatchObject({ clone: name, exitCode: 0 });
});

test('the master of a clone is never written: only files of the clone itself are made', async () => {
  const world = await newWorld();
  await world.layMaster();
  const before = await readdir(join(world.home, 'masters'), { recursive: true });
  await clone(world);
  expect(await readdir(join(world.home, 'masters'), { recursive: true })).toEqual(before);
});
