import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { access, chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, parseVmName, type VmName, waitFor } from '@katavm/core';
import type { Lifeline, SharedConnection } from '../adapter.js';
import type { DomainSpec, DomainState, Hypervisor } from '../hypervisor.js';

/** What a hypervisor is tested in: the real libvirt, a fake, or a fork's own. */
export interface HypervisorWorld {
  /** A new connection to the same domains, as another process would have. */
  connect(): Promise<Hypervisor>;
  /** A connection that is handed on (`connectShared`, `holdLifeline`), on a lifeline of its own. */
  share(): Promise<{ readonly connection: SharedConnection; readonly hold: () => Promise<Lifeline | undefined> }>;
  /** A small domain whose files exist, on user networking, emulated. */
  spec(name: VmName): Promise<DomainSpec>;
  /** Defines a domain by other means than katavm's. */
  addForeign(name: VmName): Promise<void>;
  removeForeign(name: VmName): Promise<void>;
  hasForeign(name: VmName): Promise<boolean>;
}

/** Those of any test runner; the suite asserts by node:assert. */
export interface TestFunctions {
  describe(name: string, define: () => void): void;
  it(name: string, test: () => Promise<void>): void;
}

interface Scene {
  readonly hypervisor: Hypervisor;
  readonly name: VmName;
  readonly spec: DomainSpec;
  /** Another connection, closed at the end. */
  another(): Promise<Hypervisor>;
}

/** What every Hypervisor owes to the rest of katavm. Domains are named `katavm-contract-…`, and none is left. */
export function hypervisorContract(title: string, world: HypervisorWorld, { describe, it }: TestFunctions): void {
  const test = (name: string, run: (scene: Scene) => Promise<void>) => it(name, () => withScene(world, run));

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

    test('removing what is absent succeeds, and nothing else can be done to it', async ({ hypervisor, name, spec }) => {
      await hypervisor.remove(name);
      assert.equal(await hypervisor.find(name), undefined);
      assert.equal(await hypervisor.state(name), undefined);
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

  describe(`${title}: memory images`, () => {
    test('several domains go on from where the image of one was saved, and none of them changes the image', async (scene) => {
      const { hypervisor, another, name, spec } = scene;
      const folder = await mkdtemp(join(spec.metadata.home, 'image-'));
      const clones = [1, 2].map((number) => parseVmName(`${name}-${number}`));
      try {
        await chmod(folder, 0o711);
        const { machine } = await hypervisor.platform(spec.acceleration);
        await hypervisor.prepareImage(folder, spec.memory);
        await hypervisor.define({ ...spec, machine, image: { folder, use: 'take' } });
        await hypervisor.start(name, { dieWithUs: true });
        await hypervisor.suspend(name);
        await hypervisor.saveImage(name, folder);
        await hypervisor.remove(name);
        const image = await readImage(folder);
        for (const clone of clones) {
          await hypervisor.define({ ...(await world.spec(clone)), machine, image: { folder, use: 'restore' } });
          await hypervisor.restore(clone, { folder, dieWithUs: true });
          assert.equal(await hypervisor.state(clone), 'paused');
          await hypervisor.resume(clone);
          assert.equal(await hypervisor.state(clone), 'running');
          await fails(hypervisor.restore(clone, { folder, dieWithUs: true }), 'KATAVM_LIBVIRT_REFUSED');
        }
        assert.deepEqual(await readImage(folder), image);
        const orphan = parseVmName(`${name}-3`);
        clones.push(orphan);
        const owner = await another();
        await owner.define({ ...(await world.spec(orphan)), machine, image: { folder, use: 'restore' } });
        await owner.restore(orphan, { folder, dieWithUs: true });
        await owner.close();
        await reaches(hypervisor, orphan, 'shut off');
      } finally {
        for (const clone of clones) await hypervisor.remove(clone);
        await hypervisor.remove(name);
        await rm(folder, { recursive: true, force: true });
      }
    });

    test('the state of what runs is not saved', async ({ hypervisor, name, spec }) => {
      await hypervisor.define(spec);
      await hypervisor.start(name, { dieWithUs: true });
      await fails(hypervisor.saveImage(name, spec.metadata.home), 'KATAVM_LIBVIRT_REFUSED');
    });

    test('what domains run on names a program, and one version of the machine', async ({ hypervisor }) => {
      const { emulator, machine, version } = await hypervisor.platform('tcg');
      await access(emulator);
      assert.match(machine, /^pc-[a-z0-9]+-[\d.]+$/);
      assert.match(version, / \d/);
    });
  });

  describe(`${title}: a shared connection`, () => {
    test('lives, with its domain, as long as anybody holds its lifeline', async ({ hypervisor, name, spec }) => {
      const { connection, hold } = await world.share();
      await hypervisor.define(spec);
      await connection.hypervisor.start(name, { dieWithUs: true });
      const [first, second] = [await hold(), await hold()];
      await connection.leave();
      await connection.ended;
      await first?.release();
      // Whoever holds it is asked last: what the others' leaving might have ended had its time.
      assert.equal(await hypervisor.state(name), 'running');
      await second?.release();
      await reaches(hypervisor, name, 'shut off');
      assert.equal(await hold(), undefined);
    });

    test('ends for all when it is ended, and nobody can hold it any more', async ({ hypervisor, name, spec }) => {
      const { connection, hold } = await world.share();
      await hypervisor.define(spec);
      await connection.hypervisor.start(name, { dieWithUs: true });
      const other = await hold();
      assert.ok(other);
      await connection.end();
      await connection.ended;
      await reaches(hypervisor, name, 'shut off');
      assert.equal(await hold(), undefined);
      await other.release();
    });
  });

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

/** Everything but `remove` and `define` that acts on a domain. */
function actions(hypervisor: Hypervisor, name: VmName, spec: DomainSpec): (() => Promise<unknown>)[] {
  return [
    () => hypervisor.start(name, { dieWithUs: true }),
    () => hypervisor.suspend(name),
    () => hypervisor.saveImage(name, spec.metadata.home),
    () => hypervisor.restore(name, { folder: spec.metadata.home, dieWithUs: true }),
    () => hypervisor.resume(name),
    () => hypervisor.shutdown(name),
    () => hypervisor.forwardPort(name, 22),
    () => hypervisor.address(name, spec.macAddress),
  ];
}

async function withScene(world: HypervisorWorld, run: (scene: Scene) => Promise<void>): Promise<void> {
  const name = parseVmName(`katavm-contract-${randomBytes(4).toString('hex')}`);
  const connections = [await world.connect()];
  const hypervisor = connections[0] as Hypervisor;
  const another = async () => {
    const connection = await world.connect();
    connections.push(connection);
    return connection;
  };
  try {
    await run({ hypervisor, name, spec: await world.spec(name), another });
  } finally {
    await hypervisor.remove(name);
    for (const connection of connections) await connection.close();
  }
}

/** Contents and times of an image's files. */
async function readImage(folder: string) {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => {
      const [content, { ctimeMs }] = await Promise.all([readFile(join(folder, name)), stat(join(folder, name))]);
      return { name, ctimeMs, sha256: createHash('sha256').update(content).digest('hex') };
    }),
  );
}

async function fails(work: Promise<unknown>, code: `KATAVM_${string}`): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(hasCode(error, code), `expected ${code}, got ${error}`);
    return true;
  });
}

async function reaches(hypervisor: Hypervisor, name: VmName, state: DomainState): Promise<void> {
  await waitFor({
    name: `${name} to be ${state}`,
    probe: async () => ((await hypervisor.state(name)) === state ? true : undefined),
    // libvirt gives QEMU 10 s to end by SIGTERM, then 5 s by SIGKILL (qemuProcessKill).
    timeoutMilliseconds: 20_000,
    hint: 'the hypervisor did not end what had been started to die with its connection',
  });
}
