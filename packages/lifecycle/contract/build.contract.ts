// What becomes of a build by what cloud-init says in its guest, with real locks (flock) and a real identity disk (tar), on a libvirt in
// memory. What cloud-init's own files mean, @katavm/cloudinit's tests show.
import { readdir } from 'node:fs/promises';
import type { CloudInitAdapter, CloudInitReport } from '@katavm/cloudinit';
import { describe, expect, test } from 'vitest';
import { buildMaster } from '../src/build/build-master.js';
import type { Context } from '../src/context/context.js';
import { newWorld, type World } from '../src/testing/world.js';

const { signal } = new AbortController();

/** A world whose guests power off when they are told to, and print this in answer to a look for packages. */
async function worldWith(
  cloudinit: Partial<CloudInitAdapter>,
  missing = '',
  java = '',
): Promise<{ world: World; context: Context }> {
  const world = await newWorld({
    guestCommand: async (command) => {
      const [domain] = world.libvirt.domains.values();
      if (command.includes('poweroff') && domain) domain.state = 'shut off';
      const stdout = command === 'sh -s' ? missing : command.includes('/usr/lib/jvm') ? java : '';
      return { exitCode: 0, signal: undefined, stdout };
    },
  });
  const { adapters } = world.context;
  return { world, context: { ...world.context, adapters: { ...adapters, cloudinit: { ...adapters.cloudinit, ...cloudinit } } } };
}

const reporting = (report: Partial<CloudInitReport>): Partial<CloudInitAdapter> => ({
  readReport: () => ({ state: 'done', errors: [], recoverableErrors: [], ...report }),
  explainFailure: () => ({ module: 'scripts_user', lines: ['the flux is low'] }),
});

async function build(world: World, context: Context, timeout = '1m', agent = '{}') {
  const text = `{version: 1, base: {packages: {suite: bookworm}}, cloudInit: {timeout: ${timeout}}, agent: ${agent}}`;
  return buildMaster(context, { config: await world.config('debian12', text), force: false, refreshBase: false }, signal);
}

/** What a build that failed left: its logs alone, for a week. */
async function left({ context: { state }, libvirt }: World): Promise<unknown[]> {
  const names = await readdir(state.master('debian12'));
  return [...names.map((name) => name.replace(/^.*\./, '')), ...libvirt.domains.keys()];
}

describe('a build in whose guest cloud-init', () => {
  test('is done makes a generation that says so', async () => {
    const { world, context } = await worldWith({});
    expect((await build(world, context)).generation.manifest.cloudInit).toBe('done');
    expect(world.events.filter((event) => event.type === 'notice' && event.code.includes('CLOUD_INIT'))).toEqual([]);
  });

  test('ended degraded makes one that says that, and tells what was not well', async () => {
    const { world, context } = await worldWith(reporting({ state: 'degraded', recoverableErrors: ['an old key was used'] }));
    expect((await build(world, context)).generation.manifest.cloudInit).toBe('degraded');
    expect(world.events).toContainEqual(
      expect.objectContaining({ code: 'KATAVM_CLOUD_INIT_DEGRADED', message: expect.stringContaining('an old key was used') }),
    );
  });

  test('failed, or tells an error while it still runs, ends with the module and its lines, and leaves its logs', async () => {
    for (const report of [{ state: 'failed' }, { state: 'running', errors: ['scripts_user'] }] as const) {
      const { world, context } = await worldWith(reporting(report));
      await expect(build(world, context)).rejects.toMatchObject({
        code: 'KATAVM_CLOUD_INIT_FAILED',
        message: expect.stringMatching(/scripts_user:\n\s+the flux is low/),
      });
      expect(await left(world)).toEqual(['logs']);
    }
  });

  test('is disabled ends, since nothing was applied', async () => {
    const { world, context } = await worldWith(reporting({ state: 'disabled' }));
    await expect(build(world, context)).rejects.toMatchObject({
      code: 'KATAVM_CLOUD_INIT_FAILED',
      message: expect.stringContaining('disabled'),
    });
    expect(await left(world)).toEqual(['logs']);
  });

  test('does not end in its time ends with the code of a wait, and a hint where to look', async () => {
    const { world, context } = await worldWith(reporting({ state: 'running' }));
    await expect(build(world, context, '50ms')).rejects.toMatchObject({
      code: 'KATAVM_WAIT_TIMED_OUT',
      exitCode: 5,
      hint: expect.stringContaining('console.log'),
    });
    expect(await left(world)).toEqual(['logs']);
  });

  test('says that it is done, though a listed package is not installed, ends with its name', async () => {
    const compose = () => ({ userData: '#cloud-config', metaData: '', packages: ['jq', 'sysbench'] });
    const { world, context } = await worldWith({ compose }, 'sysbench\n');
    await expect(build(world, context)).rejects.toMatchObject({
      code: 'KATAVM_PACKAGES_MISSING',
      message: expect.stringContaining('sysbench'),
    });
    expect(await left(world)).toEqual(['logs']);
  });
});

describe("a build whose guest's Java", () => {
  const java17 = '\0java\0/usr/lib/jvm/java-17/bin/java\0\0openjdk version "17.0.15" 2025-04-15\0end';
  const old = { code: 'KATAVM_AGENT_JAVA_OLD', message: expect.stringContaining('Java 17.0.15') };

  test('is looked at says in the manifest which it is', async () => {
    const { world, context } = await worldWith({}, '', java17);
    expect((await build(world, context)).generation.manifest.java).toEqual([
      { program: 'java', path: '/usr/lib/jvm/java-17/bin/java', version: '17.0.15' },
    ]);
  });

  test('does not answer is none of those that were looked at', async () => {
    const { world, context } = await worldWith({});
    expect((await build(world, context)).generation.manifest.java).toBeUndefined();
  });

  test('is older than the config asks for ends before anything is sealed, and leaves its logs', async () => {
    const { world, context } = await worldWith({}, '', java17);
    await expect(build(world, context, '1m', '{javaAtLeast: 21}')).rejects.toMatchObject(old);
    expect(await left(world)).toEqual(['logs']);
    expect((await build(world, context, '1m', '{javaAtLeast: 17}')).built).toBe(true);
  });

  test('was enough when it was built, and is not any more, tells so though there is nothing to build', async () => {
    const { world, context } = await worldWith({}, '', java17);
    await build(world, context);
    await expect(build(world, context, '1m', '{javaAtLeast: 21}')).rejects.toMatchObject(old);
  });

  test('is absent makes a master all the same, unless the config asks for one', async () => {
    const { world, context } = await worldWith({}, '', '\0end');
    expect((await build(world, context)).generation.manifest.java).toEqual([{ program: 'java' }]);
    const missing = { code: 'KATAVM_AGENT_JAVA_MISSING' };
    await expect(build(world, context, '1m', '{javaAtLeast: 21}')).rejects.toMatchObject(missing);
  });
});
