import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { usualCloneName } from '../clone/clone-names.js';
import { newGeneration, newWorld } from '../testing/world.js';
import { createKeys } from './1-create-keys.js';
import { buildBaseImage } from './2-build-base-image.js';
import { completeBaseImage } from './3-complete-base-image.js';
import { cloneVm } from './4-clone-vm.js';
import { loginClone } from './5-login-clone.js';
import { startCloneAgent } from './6-start-clone-agent.js';
import { deleteClone } from './7-delete-clone.js';
import { isPlan } from './plan.js';

const { signal } = new AbortController();
const streams = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };

describe('a dry run', () => {
  test('tells what each step would do to what, and does nothing', async () => {
    const { context, config, layMaster, libvirt, home } = await newWorld();
    await layMaster();
    const before = await readdir(home, { recursive: true });
    const plans = [
      await createKeys(context, { name: 'katavm', type: 'rsa', force: true, dryRun: true }, signal),
      await cloneVm(context, { config: await config(), force: false, dryRun: true }, signal),
      await buildBaseImage(context, { config: await config(), force: false, refreshBase: false, dryRun: true }, signal),
    ];
    const text = JSON.stringify(plans);
    for (const word of ['replacing', 'rsa', newGeneration, 'define domain', 'bookworm', 'if nothing has changed']) {
      expect(text).toContain(word);
    }
    expect(plans.every(isPlan)).toBe(true);
    expect(await readdir(home, { recursive: true })).toEqual(before);
    expect(libvirt.domains.size).toBe(0);
  });

  test('plans nothing where the step would find its work done: no clone to delete, nothing to complete', async () => {
    const { context, config, layMaster } = await newWorld();
    await layMaster();
    const plans = [
      await deleteClone(context, { name: usualCloneName('debian12'), uri: 'fake:///', dryRun: true }, signal),
      await completeBaseImage(context, { config: await config(), dryRun: true }, signal),
    ];
    expect(plans).toEqual(plans.map(() => ({ dryRun: true, plan: [] })));
  });

  test('fails as the step itself would, where a master is missing', async () => {
    const { context, config } = await newWorld();
    const input = { config: await config(), force: false, dryRun: true };
    await expect(cloneVm(context, input, signal)).rejects.toMatchObject({ code: 'KATAVM_MASTER_NOT_BUILT', exitCode: 4 });
  });
});

describe('a step that has nothing to work on', () => {
  test('says what to run first: completing without a build', async () => {
    const { context, config } = await newWorld();
    await expect(completeBaseImage(context, { config: await config() }, signal)).rejects.toMatchObject({
      code: 'KATAVM_NOTHING_TO_COMPLETE',
      exitCode: 4,
      hint: 'katavm build-base-image debian12',
    });
  });

  test('is done where it was done before: completing a master that is sealed', async () => {
    const { context, config, layMaster } = await newWorld();
    await layMaster();
    expect(await completeBaseImage(context, { config: await config() }, signal)).toMatchObject({
      completed: false,
      generation: newGeneration,
    });
  });

  test('says what there is: logging in to a clone that was never made', async () => {
    const { context, config } = await newWorld();
    const input = { name: (await config()).guest.hostname, ...streams };
    await expect(loginClone(context, input, signal)).rejects.toMatchObject({ code: 'KATAVM_CLONE_NOT_FOUND', exitCode: 4 });
  });

  test('starts no guest for an agent whose jar is not on this host', async () => {
    const { context, config, layMaster, libvirt } = await newWorld();
    await layMaster();
    const withoutJar = await config('debian12', '{version: 1, base: {packages: {suite: bookworm}}, agent: {jar: /no/agent.jar}}');
    await expect(startCloneAgent(context, { config: withoutJar, ...streams }, signal)).rejects.toMatchObject({
      code: 'KATAVM_AGENT_JAR_MISSING',
      message: expect.stringContaining('/no/agent.jar'),
    });
    expect(libvirt.domains.size).toBe(0);
  });
});
