import { cp, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkout } from './harness/katavm.js';

/** A checkout as small as can be: the program that is built in it says only that it ran. */
describe('tools/katavm', () => {
  let root: string;
  const source = () => join(root, 'packages/cli/src/program.ts');
  const built = () => join(root, '.tools/built');
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const run = () => exec(join(root, 'tools/katavm'), ['--version']);

  beforeAll(async () => {
    root = await mkdtemp('/var/tmp/katavm-checkout-');
    await cp(join(checkout, 'tools'), join(root, 'tools'), { recursive: true });
    for (const folder of ['packages/cli/dist/bin', 'packages/cli/src', '.tools'])
      await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, 'packages/cli/dist/bin/katavm.js'), 'console.log("it ran")');
    for (const file of [source(), built(), source().replace('.ts', '.test.ts')]) await writeFile(file, '');
    await utimes(source(), minutesAgo(2), minutesAgo(2));
    await utimes(built(), minutesAgo(1), minutesAgo(1));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  test('says nothing where the build has all that is in the sources', async () => {
    expect(await run()).toMatchObject({ stdout: 'it ran', stderr: '' });
  });

  test('names a source that is newer than the build, with the command that builds it, and runs', async () => {
    await utimes(source(), minutesAgo(0), minutesAgo(0));
    const { stdout, stderr } = await run();
    expect(stdout).toBe('it ran');
    expect(stderr).toBe(`katavm: packages/cli/src/program.ts is newer than the build; to build it: ${root}/tools/bootstrap`);
  });
});
