// Step 3 with real locks (flock) on what step 2 left, on a libvirt in memory whose guest is a function of its commands.
import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { CommandEnd } from '@katavm/ssh-agent-runner';
import { expect, test } from 'vitest';
import { partialFiles, writePartialBuild } from '../src/build/partial-build.js';
import { completeBaseImage } from '../src/steps/3-complete-base-image.js';
import { installedBuild, newGeneration, newWorld, type World } from '../src/testing/world.js';

const { signal } = new AbortController();
const configText = '{version: 1, base: {packages: {suite: bookworm}}, complete: {commands: [write], checks: [look]}}';
const [partial, domain] = [`${newGeneration}.partial`, installedBuild.domain.name];

/** A guest that writes to its disk when it is told to, and whose checks fail as often as `failures` says. */
async function worldAfterStep2(failures: number, afterPowerOff: 'shut off' | 'halted' = 'shut off'): Promise<World> {
  let left = failures;
  const guestCommand = async (command: string): Promise<CommandEnd> => {
    const vm = world.libvirt.domains.get(domain);
    if (command.includes('write')) await appendFile(vm?.spec?.disks[0]?.path ?? '', '+ what the command wrote');
    if (command.includes('poweroff') && vm) vm.state = afterPowerOff;
    return { exitCode: command.includes('look') && left-- > 0 ? 4 : 0, signal: undefined };
  };
  const world = await newWorld({ guestCommand });
  const directory = world.context.state.generation('debian12', partial);
  await mkdir(directory, { recursive: true });
  await mkdir(partialFiles(directory).logs);
  await writeFile(partialFiles(directory).disk, 'as step 2 left it');
  await writePartialBuild(directory, installedBuild);
  return world;
}

const complete = async (world: World) =>
  completeBaseImage(world.context, { config: await world.config('debian12', configText) }, signal);

test('an attempt that failed leaves no trace on the disk that the next one completes', async () => {
  const world = await worldAfterStep2(2);
  const { state } = world.context;
  const files = partialFiles(state.generation('debian12', partial));
  for (const _ of [1, 2]) {
    await expect(complete(world)).rejects.toMatchObject({ code: 'KATAVM_COMPLETION_CHECK_FAILED' });
    expect(await readFile(files.disk, 'utf8')).toBe('as step 2 left it');
    expect(await readdir(state.generation('debian12', partial))).toEqual(['build.json', 'build.qcow2']);
    expect(world.libvirt.domains.size).toBe(0);
  }
  expect(await complete(world)).toMatchObject({ completed: true, generation: newGeneration });
  const disk = await readFile(`${state.currentGeneration('debian12')}/disk.qcow2`, 'utf8');
  expect(disk).toBe('as step 2 left it+ what the command wrote');
  expect((await readdir(state.master('debian12'))).sort()).toEqual([newGeneration, 'current'].sort());
});

test('an attempt that was killed leaves no trace on it either', async () => {
  const world = await worldAfterStep2(0);
  const { attempt } = partialFiles(world.context.state.generation('debian12', partial));
  await writeFile(attempt, 'half done');
  await complete(world);
  const disk = await readFile(`${world.context.state.currentGeneration('debian12')}/disk.qcow2`, 'utf8');
  expect(disk).toBe('as step 2 left it+ what the command wrote');
});

test('a VM that is halted while it powers off has not written all of its disk: no generation is made of it', async () => {
  const world = await worldAfterStep2(0, 'halted');
  await expect(complete(world)).rejects.toMatchObject({ code: 'KATAVM_GUEST_HALTED' });
  const { state } = world.context;
  expect(await readdir(state.master('debian12'))).toEqual([`${newGeneration}.logs`, partial]);
  expect(await readFile(partialFiles(state.generation('debian12', partial)).disk, 'utf8')).toBe('as step 2 left it');
  expect(world.libvirt.domains.size).toBe(0);
});
