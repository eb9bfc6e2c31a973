import assert from 'node:assert/strict';
import { type HypervisorWorld, reaches, sceneTests, type TestFunctions } from './scene.js';

/** A connection that is handed from one process to another. */
export function sharedConnectionContract(title: string, world: HypervisorWorld, { describe, it }: TestFunctions): void {
  const test = sceneTests(world, it);

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
}
