import assert from 'node:assert/strict';
import { EventEmitter, on } from 'node:events';
import { parseVmName, type VmName, waitFor } from '@katavm/core';
import type { DomainSpec, DomainState, Hypervisor } from '../hypervisor.js';
import { imageContract } from './image-contract.js';
import { fails, type HypervisorWorld, reaches, type Scene, sceneTests, type TestFunctions } from './scene.js';
import { sharedConnectionContract } from './shared-connection-contract.js';

/** What every Hypervisor owes to the rest of katavm. Domains are named `katavm-contract-…`, and none is left. */
export function hypervisorContract(title: string, world: HypervisorWorld, { describe, it }: TestFunctions): void {
  const test = sceneTests(world, it);

  describe(`${title}: a domain's life`, () => {
    test('a defined domain is shut off and carries its metadata, whatever stands in it', async ({ hypervisor, name, spec }) => {
      const config = `<&>"' \u00e9\u4e16\u{1f600} ]]> &amp; \\ %s $(x) ;`;
      const metadata = { ...spec.metadata, config, home: '/a b/\t"c"\n' };
      await hypervisor.define({ ...spec, metadata });
      assert.deepEqual(await hypervisor.find(name), { name, state: 'shut off', metadata });
      assert.deepEqual(
        (await hypervisor.list()).filter((record) => record.name === name),
        [{ name, state: 'shut off', metadata }],
      );
    });

    test('a name can be defined once, and the first domain stays as it was', async ({ hypervisor, another, name, spec }) => {
      await hypervisor.define(spec);
      const changed = { ...spec, metadata: { ...spec.metadata, config: 'other' } };
      await fails(hypervisor.define(changed), 'KATAVM_DOMAIN_EXISTS');
      await fails((await another()).define({ ...changed, uuid: spec.uuid.replace(/^./, 'e') }), 'KATAVM_DOMAIN_EXISTS');
      assert.deepEqual((await hypervisor.find(name))?.metadata, spec.metadata);
    });

    test('what runs is not started twice, and removing it ends it', async ({ hypervisor, name, spec }) => {
      await hypervisor.define(spec);
      await hypervisor.start(name, { dieWithUs: false });
      assert.equal(await hypervisor.state(name), 'running');
      await fails(hypervisor.start(name, { dieWithUs: false }), 'KATAVM_LIBVIRT_REFUSED');
      await hypervisor.remove(name);
      assert.equal(await hypervisor.state(name), undefined);
    });

    test('asking a domain that is off to shut down changes nothing', async ({ hypervisor, name, spec }) => {
      await hypervisor.define(spec);
      await hypervisor.shutdown(name);
      assert.equal(await hypervisor.state(name), 'shut off');
    });

    test('what runs can be paused and resumed, also twice; what is off can be neither', async ({ hypervisor, name, spec }) => {
      await hypervisor.define(spec);
      await fails(hypervisor.suspend(name), 'KATAVM_LIBVIRT_REFUSED');
      await fails(hypervisor.resume(name), 'KATAVM_LIBVIRT_REFUSED');
      await hypervisor.start(name, { dieWithUs: false });
      for (const again of [1, 2]) {
        await hypervisor.suspend(name);
        assert.equal(await hypervisor.state(name), 'paused', `pause ${again}`);
      }
      for (const again of [1, 2]) {
        await hypervisor.resume(name);
        assert.equal(await hypervisor.state(name), 'running', `resume ${again}`);
      }
    });

    test('what halts is not taken for what somebody has paused', async ({ hypervisor, name, spec }) => {
      await hypervisor.define(spec);
      await hypervisor.start(name, { dieWithUs: false });
      await world.halt(name);
      await reaches(hypervisor, name, 'halted');
    });

    test('removing what is absent succeeds, and nothing else can be done to it', async ({ hypervisor, name, spec }) => {
      await hypervisor.remove(name);
      assert.equal(await hypervisor.find(name), undefined);
      assert.equal(await hypervisor.state(name), undefined);
      for (const act of actions(hypervisor, name, spec)) await fails(act(), 'KATAVM_DOMAIN_NOT_FOUND');
    });

    test('what another connection has removed meanwhile is not found', async (scene) => {
      const { hypervisor, another, name, spec } = scene;
      await hypervisor.define(spec);
      await (await another()).remove(name);
      for (const act of actions(hypervisor, name, spec)) await fails(act(), 'KATAVM_DOMAIN_NOT_FOUND');
    });

    test('domains of several connections do not disturb each other', async ({ hypervisor, another, name, spec }) => {
      const others = [1, 2, 3].map((number) => parseVmName(`${name}-${number}`));
      try {
        await Promise.all(others.map(async (other) => (await another()).define(await world.spec(other))));
        await hypervisor.define(spec);
        await hypervisor.remove(name);
        const names = (await hypervisor.list()).map((record) => record.name);
        assert.deepEqual(names.filter((each) => each.startsWith(name)).sort(), others);
      } finally {
        for (const other of others) await hypervisor.remove(other);
      }
    });
  });

  describe(`${title}: a connection's end`, () => {
    test('a domain dies with the connection that it was started to die with; its definition stays', async (scene) => {
      const { hypervisor, another, name, spec } = scene;
      const owner = await another();
      await owner.define(spec);
      await owner.start(name, { dieWithUs: true });
      await owner.close();
      await reaches(hypervisor, name, 'shut off');
    });

    test('a domain outlives the connection that only started it', async ({ hypervisor, another, name, spec }) => {
      const starter = await another();
      await starter.define(spec);
      await starter.start(name, { dieWithUs: false });
      await starter.close();
      assert.equal(await hypervisor.state(name), 'running');
    });

    test('a closed connection says that it has ended, and can be closed again', async ({ another, name }) => {
      const closed = await another();
      await closed.close();
      await closed.close();
      await fails(closed.list(), 'KATAVM_LIBVIRT_UNREACHABLE');
      await fails(closed.state(name), 'KATAVM_LIBVIRT_UNREACHABLE');
    });
  });

  describe(`${title}: who listens to a domain`, () => {
    test('and asks only when told sees it halt and end, and is told nothing any more once deaf', async (scene) => {
      const { hypervisor, name, spec } = scene;
      await hypervisor.define(spec);
      const told = new EventEmitter();
      const deafen = await hypervisor.listen(name, { changed: () => told.emit('changed') });
      await hypervisor.start(name, { dieWithUs: false });
      await isKnown(scene, told);
      await seeWhenTold(scene, [told], 'halted', () => world.halt(name));
      await seeWhenTold(scene, [told], undefined, () => hypervisor.remove(name));
      deafen();
      told.on('changed', () => assert.fail('it was deaf'));
      await hypervisor.define(spec);
      await hypervisor.start(name, { dieWithUs: false });
    });

    test('takes nothing from another who does', async (scene) => {
      const { hypervisor, another, name, spec } = scene;
      await hypervisor.define(spec);
      await hypervisor.start(name, { dieWithUs: false });
      const ears = [new EventEmitter(), new EventEmitter()];
      const listen = async (told: EventEmitter) =>
        (await another()).listen(name, { changed: () => told.emit('changed'), networkUp: () => {} });
      const deafen = await Promise.all(ears.map(listen));
      for (const told of ears) await isKnown(scene, told);
      await seeWhenTold(scene, ears, undefined, () => hypervisor.remove(name));
      for (const end of deafen) end();
    });
  });

  imageContract(title, world, { describe, it });
  sharedConnectionContract(title, world, { describe, it });

  describe(`${title}: other people's domains`, () => {
    test('a foreign domain is not shown and never touched', async ({ hypervisor, name, spec }) => {
      await world.addForeign(name);
      try {
        assert.equal(await hypervisor.find(name), undefined);
        assert.equal(await hypervisor.state(name), undefined);
        assert.ok(!(await hypervisor.list()).some((record) => record.name === name));
        await fails(hypervisor.define(spec), 'KATAVM_DOMAIN_EXISTS');
        for (const act of actions(hypervisor, name, spec)) await fails(act(), 'KATAVM_DOMAIN_FOREIGN');
        await fails(hypervisor.remove(name), 'KATAVM_DOMAIN_FOREIGN');
        assert.ok(await world.hasForeign(name));
      } finally {
        await world.removeForeign(name);
      }
    });
  });

  describe(`${title}: port forwards`, () => {
    test('a guest port is reached by one host port, the same for everyone who asks', async (scene) => {
      const { hypervisor, another, name, spec } = scene;
      await hypervisor.define(spec);
      await fails(hypervisor.forwardPort(name, 22), 'KATAVM_LIBVIRT_REFUSED');
      await hypervisor.start(name, { dieWithUs: false });
      const port = await hypervisor.forwardPort(name, 22);
      assert.ok(Number.isInteger(port) && port > 0 && port < 65536, String(port));
      assert.equal(await (await another()).forwardPort(name, 22), port);
      assert.notEqual(await hypervisor.forwardPort(name, 80), port);
      assert.equal(await hypervisor.address(name, spec.macAddress), undefined);
    });
  });
}

/** Until who listens is told of what is done to a running domain: from then on nothing is missed. */
async function isKnown({ hypervisor, name }: Scene, told: EventEmitter): Promise<void> {
  let heard = false;
  told.once('changed', () => {
    heard = true;
  });
  await waitFor({
    name: `a listener of ${name} to be told of a pause`,
    probe: async () => {
      await hypervisor.suspend(name);
      await hypervisor.resume(name);
      return heard || undefined;
    },
    timeoutMilliseconds: 20_000,
    hint: 'listen passes on nothing of what happens to the domain',
  });
}

async function seeWhenTold(
  { hypervisor, name }: Scene,
  ears: readonly EventEmitter[],
  state: DomainState | undefined,
  change: () => Promise<void>,
): Promise<void> {
  const signal = AbortSignal.timeout(20_000);
  const heard = ears.map((told) => on(told, 'changed', { signal }));
  await change();
  for (const changes of heard) {
    for await (const _ of changes) if ((await hypervisor.state(name)) === state) break;
  }
}

/** Everything but `remove` and `define` that acts on a domain. */
function actions(hypervisor: Hypervisor, name: VmName, spec: DomainSpec): (() => Promise<unknown>)[] {
  return [
    () => hypervisor.start(name, { dieWithUs: true }),
    () => hypervisor.suspend(name),
    () => hypervisor.saveImage(name, spec.metadata.home),
    () => hypervisor.restore(name, { folder: spec.metadata.home, dieWithUs: true }),
    () => hypervisor.resume(name),
    () => hypervisor.listen(name, { changed: () => {}, networkUp: () => {} }),
    () => hypervisor.shutdown(name),
    () => hypervisor.forwardPort(name, 22),
    () => hypervisor.address(name, spec.macAddress),
  ];
}
