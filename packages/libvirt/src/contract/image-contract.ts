import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { access, chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseVmName } from '@katavm/core';
import { fails, type HypervisorWorld, reaches, sceneTests, type TestFunctions } from './scene.js';

/** Domains that go on from where another was. */
export function imageContract(title: string, world: HypervisorWorld, { describe, it }: TestFunctions): void {
  const test = sceneTests(world, it);

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
