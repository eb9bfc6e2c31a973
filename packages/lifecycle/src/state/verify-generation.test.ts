import { createHash } from 'node:crypto';
import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { newWorld } from '../testing/world.js';
import { currentGeneration } from './generations.js';
import { verifyGeneration } from './verify-generation.js';

test('a changed byte is found by verification, even where size and time were put back', async () => {
  const { context, layMaster } = await newWorld();
  await layMaster();
  const { disk, directory, manifest } = await currentGeneration(context.state, 'debian12');
  const sha256 = createHash('sha256')
    .update(await readFile(disk))
    .digest('hex');
  const generation = { disk, directory, manifest: { ...manifest, disk: { ...manifest.disk, sha256 } } };
  expect(await verifyGeneration(generation)).toMatchObject([{ file: 'disk.qcow2', sha256 }]);

  const { mtime } = await stat(disk);
  await writeFile(disk, (await readFile(disk, 'utf8')).replace('disk', 'disc'));
  await utimes(disk, mtime, mtime);
  await currentGeneration(context.state, 'debian12');
  await expect(verifyGeneration(generation)).rejects.toMatchObject({
    code: 'KATAVM_GENERATION_ALTERED',
    message: expect.stringContaining(disk),
  });
});
