// Templates with real files, locks (flock) and identity disks (tar), on a libvirt in memory whose guests have a wake agent.
import { appendFile, chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toVmName, withLock } from '@katavm/core';
import { describe, expect, test } from 'vitest';
import { templateLockName } from '../src/template/take-template.js';
import { newGeneration, newWorld, oldGeneration, type World, type WorldOptions } from '../src/testing/world.js';
import { collect, left, newSlowWaker, newTemplate, run, small, take, withVm } from './template-world.js';

describe('a template', () => {
  test('holds memory, devices and disk, and nothing of the guest that they were of', async () => {
    const { world, template } = await newTemplate();
    expect((await readdir(template.directory)).sort()).toEqual(['disk.qcow2', 'memory', 'state', 'template.json']);
    expect((await stat(join(template.directory, 'disk.qcow2'))).mode & 0o777).toBe(0o444);
    expect(await left(world)).toEqual([]);
    expect(await readdir(world.context.state.generation('debian12', newGeneration))).toEqual(['disk.qcow2', 'manifest.json']);
  });

  test('is taken once, unless it is asked for again', async () => {
    const { world, template } = await newTemplate();
    expect(await take(world)).toMatchObject({ taken: false, template: { name: template.name } });
    expect(await take(world, { force: true })).toMatchObject({ taken: true, template: { name: template.name } });
    expect(await readdir(world.context.state.templatesOf('debian12'))).toEqual([template.name]);
  });

  test('that cannot be taken leaves nothing', async () => {
    const world = await newWorld({ wakeReply: ({ id }) => `failed ${id} connections are open` });
    await world.layMaster();
    await expect(take(world)).rejects.toMatchObject({ message: expect.stringContaining('connections are open') });
    expect([...(await left(world)), ...(await readdir(world.context.state.templatesOf('debian12')))]).toEqual([]);
  });

  test('asks its guest to take the network away where clones would share it', async () => {
    const settled: (string | undefined)[] = [];
    const wakeReply: WorldOptions['wakeReply'] = (message) => {
      if ('settle' in message) settled.push(message['settle']);
      return `done ${message['id']} ${Date.now() / 1000}`;
    };
    const { world } = await newTemplate({ wakeReply });
    await take(world, { text: withVm(`${small}, network: {bridge: br0}`) });
    expect(settled).toEqual(['up', 'down']);
  });
});

describe('a clone of a template', () => {
  test('goes on from it, on a disk of its own over that of the template, and dies with its process', async () => {
    const { world, template } = await newTemplate();
    const seen: unknown[] = [];
    const look = async () => {
      const domain = world.libvirt.domains.get('debian12-job');
      const { disk, template: named } = JSON.parse(await readClone(world, 'clone.json')) as Record<string, string>;
      seen.push(await readClone(world, 'disk.qcow2'), named, disk, domain?.state, domain?.owner !== undefined);
    };
    expect(await run(world, undefined, look)).toEqual({ start: 'template', said: '' });
    const overlay = `overlay of ${join(template.directory, 'disk.qcow2')}`;
    expect(seen).toEqual([overlay, template.name, undefined, 'running', true]);
    expect(await left(world)).toEqual([]);
  });

  test('is told to be somebody else each time, before anybody is told its address', async () => {
    const told: Readonly<Record<string, string>>[] = [];
    const wakeReply: WorldOptions['wakeReply'] = (message) => {
      told.push(message);
      return `done ${message['id']} ${Date.now() / 1000}`;
    };
    const { world } = await newTemplate({ wakeReply });
    for (const _ of [1, 2]) await run(world);
    const wakes = told.filter((message) => 'identity' in message);
    expect(wakes).toHaveLength(2);
    for (const key of ['entropy', 'machine-id', 'boot-id']) expect(wakes[0]?.[key]).not.toBe(wakes[1]?.[key]);
  });

  test('is connected to while it is still mended, and handed out when all of it is done', async () => {
    const order: string[] = [];
    const { world } = await newSlowWaker(order, (id) => `done ${id} ${Date.now() / 1000}`);
    expect(await run(world, undefined, async () => void order.push('handed out'))).toEqual({ start: 'template', said: '' });
    expect(order).toEqual(['login', 'mended', 'handed out']);
  });

  test('that does not wake to the end, when it was connected to, is not used, and leaves nothing', async () => {
    const order: string[] = [];
    const { world } = await newSlowWaker(order, (id) => `failed ${id} no such file`);
    expect(await run(world)).toEqual({ start: 'cold', said: expect.stringMatching(/no such file$/) });
    expect(order).toEqual(['login', 'mended', 'login']);
    expect(await left(world)).toEqual([]);
  });

  test('that does not wake is not used: the clone boots, and the reason is told', async () => {
    const wakeReply: WorldOptions['wakeReply'] = (message) =>
      'identity' in message ? `failed ${message['id']} no such disk` : `done ${message['id']} ${Date.now() / 1000}`;
    const { world } = await newTemplate({ wakeReply });
    expect(await run(world)).toEqual({ start: 'cold', said: expect.stringMatching(/^KATAVM_STARTED_COLD .*no such disk$/) });
    expect(await left(world)).toEqual([]);
  });
});

describe('a template that does not fit is not used, and it is told in what it differs:', () => {
  test('memory, processors, devices', async () => {
    const { world } = await newTemplate();
    const cold = async (vm: string) => {
      const { start, said } = await run(world, withVm(vm));
      expect(start).toBe('cold');
      return said;
    };
    expect(await cold('memory: 32MiB')).toContain('the memory is 32 MiB, and was 64 MiB when it was taken');
    expect(await cold(`${small}, vcpus: 1`)).toContain('the virtual processors is 1, and was 2');
    expect(await cold(`${small}, network: {bridge: br0}`)).toContain('the devices is');
    expect(await cold(`${small}, cpu: qemu64`)).toContain('the processor is qemu64, emulated, and was');
  });

  test.each(['generation', 'emulator', 'build of the emulator', 'machine type', 'processor', "host's kernel"])(
    '%s',
    async (part) => {
      const { world, template } = await newTemplate();
      const record = JSON.parse(await readFile(join(template.directory, 'template.json'), 'utf8'));
      const other = `${template.name.slice(0, -1)}-`;
      const directory = world.context.state.template('debian12', other);
      await mkdir(directory);
      await writeFile(
        join(directory, 'template.json'),
        JSON.stringify({ ...record, key: { ...record.key, [part]: 'what it was' } }),
      );
      await rm(template.directory, { recursive: true });
      const { start, said } = await run(world);
      expect(start).toBe('cold');
      expect(said).toContain(`the ${part} is`);
      expect(said).toContain('and was what it was');
    },
  );

  test('another generation', async () => {
    const { world } = await newTemplate();
    await world.layMaster('debian12', '20260301T000000Z-cccccccccccc');
    expect(await run(world)).toMatchObject({
      start: 'cold',
      said: expect.stringContaining('there is no memory image of generation 20260301T000000Z-cccccccccccc'),
    });
  });
});

describe('a file of a template', () => {
  test.each(['memory', 'state', 'disk.qcow2'])(
    '%s, altered, is refused by its digest, with its times set back, too',
    async (file) => {
      const { world, template } = await newTemplate();
      const path = join(template.directory, file);
      const { atime, mtime, size } = await stat(path);
      await chmod(path, 0o600);
      const content = await readFile(path);
      content[size - 1] = 1;
      await writeFile(path, content);
      await utimes(path, atime, mtime);
      expect(await run(world)).toEqual({ start: 'cold', said: expect.stringContaining('KATAVM_TEMPLATE_ALTERED') });
      // And not looked at again, even where it is put back.
      content[size - 1] = 0;
      await writeFile(path, content);
      expect(await run(world)).toMatchObject({ start: 'cold' });
      expect(await take(world)).toMatchObject({ taken: true });
      expect(await run(world)).toMatchObject({ start: 'template' });
    },
  );

  test('that is too short, too long or gone is refused', async () => {
    const spoil = [(path: string) => writeFile(path, ''), (path: string) => appendFile(path, 'x'), (path: string) => rm(path)];
    for (const act of spoil) {
      const { world, template } = await newTemplate();
      await act(join(template.directory, 'memory'));
      expect(await run(world)).toMatchObject({ start: 'cold', said: expect.stringContaining('KATAVM_TEMPLATE_ALTERED') });
    }
  });

  test('that was touched, and is what it was, is read once and known from then on', async () => {
    const { world, template } = await newTemplate();
    const record = () => readFile(join(template.directory, 'template.json'), 'utf8');
    const before = await record();
    await utimes(join(template.directory, 'memory'), 1, 1);
    expect(await run(world)).toEqual({ start: 'template', said: '' });
    const stamped = await record();
    expect(stamped).not.toBe(before);
    await run(world);
    expect(await record()).toBe(stamped);
  });
});

describe('gc', () => {
  test('takes what a killed taking left, and leaves one that goes on alone', async () => {
    const { world, template } = await newTemplate();
    const partial = world.context.state.template('debian12', 'partial');
    await mkdir(partial);
    const spec = await leftDomain(world);
    await withLock(world.context.state.lock(templateLockName('debian12')), {}, async () => {
      expect(await collect(world)).toMatchObject({ templates: [], clones: [] });
    });
    expect(await collect(world)).toMatchObject({ templates: [spec, partial], clones: [] });
    expect(await readdir(world.context.state.templatesOf('debian12'))).toEqual([template.name]);
    expect(await left(world)).toEqual([]);
  });

  test('takes a template whose generation is gone, and one that a newer one has replaced', async () => {
    const world = await newWorld();
    await world.layMaster('debian12', oldGeneration);
    const old = (await take(world)).template;
    await world.layMaster('debian12', newGeneration);
    const smaller = (await take(world, { text: withVm('memory: 32MiB') })).template;
    const current = (await take(world)).template;
    expect(await collect(world)).toMatchObject({ generations: [oldGeneration], templates: [old.directory, smaller.directory] });
    expect(await readdir(world.context.state.templatesOf('debian12'))).toEqual([current.name]);
  });

  test('leaves a template on which the disk of a clone stands', async () => {
    const { world, template } = await newTemplate();
    const look = async () => {
      await rm(world.context.state.generation('debian12', newGeneration), { recursive: true });
      expect(await collect(world)).toMatchObject({ templates: [] });
      await expect(take(await withMaster(world), { force: true })).rejects.toMatchObject({ code: 'KATAVM_TEMPLATE_UNAVAILABLE' });
    };
    expect(await run(world, undefined, look)).toMatchObject({ start: 'template' });
    expect(await readdir(world.context.state.templatesOf('debian12'))).toEqual([template.name]);
  });
});

async function withMaster(world: World): Promise<World> {
  await world.layMaster();
  return world;
}

function readClone({ context: { state } }: World, file: string): Promise<string> {
  return readFile(join(state.clone('debian12-job'), file), 'utf8');
}

/** The domain of a guest whose memory was being taken when its katavm was killed. */
async function leftDomain(world: World): Promise<string> {
  const hypervisor = world.libvirt.connect();
  let name = '';
  const { start } = await run(world, undefined, async () => {
    const spec = world.libvirt.domains.get('debian12-job')?.spec;
    if (!spec) throw new Error('there is no domain');
    name = toVmName('debian12-template-0');
    const metadata = { ...spec.metadata, clone: name, purpose: 'template' } as const;
    await hypervisor.define({ ...spec, name: toVmName(name), metadata });
  });
  expect(start).toBe('template');
  return name;
}
