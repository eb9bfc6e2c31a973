import { appendFile, mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newGeneration, newWorld, oldGeneration } from '../testing/world.js';
import { currentGeneration, findCurrent, listGenerations, makeCurrent, nameGeneration } from './generations.js';

describe('the names of generations', () => {
  test('sort by time, as text', () => {
    const time = fc.date({ min: new Date('2000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
    fc.assert(
      fc.property(time, time, digest, digest, (a, b, first, second) => {
        fc.pre(Math.abs(a.getTime() - b.getTime()) >= 1000);
        expect(nameGeneration(a, first) < nameGeneration(b, second)).toBe(a < b);
      }),
    );
  });
});

describe("a master's generations", () => {
  test('are listed newest first, without builds in progress, their logs, and what is being removed', async () => {
    const { context, layMaster } = await newWorld();
    await layMaster('debian12', newGeneration);
    await layMaster('debian12', oldGeneration);
    for (const beside of ['.partial', '.partial.sealed', '.logs', '.removed'])
      await mkdir(context.state.generation('debian12', newGeneration + beside));
    const names = (await listGenerations(context.state, 'debian12')).map(({ manifest }) => manifest.generation);
    expect(names).toEqual([newGeneration, oldGeneration]);
  });

  test('do not count before their manifest is written, which is written last', async () => {
    const { context } = await newWorld();
    await mkdir(context.state.generation('debian12', newGeneration), { recursive: true });
    expect(await listGenerations(context.state, 'debian12')).toEqual([]);
    await expect(currentGeneration(context.state, 'debian12')).rejects.toMatchObject({
      code: 'KATAVM_MASTER_NOT_BUILT',
      exitCode: 4,
      hint: 'katavm master build debian12',
    });
  });
});

describe('the current generation', () => {
  test('is swapped in one step, and nothing of the swap is left', async () => {
    const { context, layMaster } = await newWorld();
    await layMaster('debian12', oldGeneration);
    await layMaster('debian12', newGeneration);
    await makeCurrent(context.state, 'debian12', oldGeneration);
    expect((await findCurrent(context.state, 'debian12'))?.manifest.generation).toBe(oldGeneration);
    expect((await readdir(context.state.master('debian12'))).sort()).toEqual([oldGeneration, newGeneration, 'current'].sort());
  });

  const alterations: Record<string, (disk: string) => Promise<void>> = {
    'was appended to': (disk) => appendFile(disk, 'x'),
    'was written with as many bytes': async (disk) => writeFile(disk, 'a disk of debianXX'),
    'has another time': (disk) => utimes(disk, 1, 1),
    'is gone': (disk) => rm(disk),
  };
  test.each(Object.keys(alterations))('makes no more clones when its disk %s', async (what) => {
    const { context, layMaster } = await newWorld();
    await layMaster();
    const { disk } = await currentGeneration(context.state, 'debian12');
    await alterations[what]?.(disk);
    await expect(currentGeneration(context.state, 'debian12')).rejects.toMatchObject({ code: 'KATAVM_GENERATION_ALTERED' });
  });

  test('with a manifest that someone edited is an error that names the file', async () => {
    const { context, layMaster } = await newWorld();
    await layMaster();
    const manifest = join(context.state.generation('debian12', newGeneration), 'manifest.json');
    for (const text of ['', '{', '{"version": 2}']) {
      await writeFile(manifest, text);
      const failure = expect(currentGeneration(context.state, 'debian12')).rejects;
      await failure.toMatchObject({ code: 'KATAVM_STATE_DAMAGED', message: expect.stringContaining(manifest) });
    }
  });
});
