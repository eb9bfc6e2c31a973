import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireLock } from '@katavm/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cacheLock } from '../src/cache/layout.js';
import { linkRequest } from '../src/cache/store-entry.js';
import { adapter } from '../src/index.js';
import { makeWorkDirectory } from '../src/packages/work-directory.js';
import { type ImageServer, startImageServer } from './image-server.js';
import { namesIn, openWorkplace, qcow2Disk, sha, temporaryDirectory, type Workplace } from './workplace.js';

let server: ImageServer;
let place: Workplace;
beforeAll(async () => {
  server = await startImageServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  server.files.clear();
  place = await openWorkplace();
  vi.stubEnv('TMPDIR', await temporaryDirectory());
});

/** A base by a checksums file, as a refresh replaces it. */
async function prepare(refresh = false): Promise<string> {
  const image = await qcow2Disk();
  server.files.set('/image.qcow2', { content: image });
  server.files.set('/SHA256SUMS', { content: Buffer.from(`${sha('sha256', image)}  image.qcow2\n`) });
  return use(refresh);
}

async function use(refresh = false): Promise<string> {
  const source = { url: `${server.url}/image.qcow2`, checksums: `${server.url}/SHA256SUMS` };
  return (await adapter.prepareBase({ ...place, source, refresh })).sha256;
}

const collect = (inUse: readonly string[] = []) => adapter.collectBases({ ...place, inUse });
const path = (name: string) => join(place.cacheDirectory, name);

async function age(name: string, days: number): Promise<void> {
  const then = new Date(Date.now() - days * 24 * 3_600_000);
  await utimes(path(name), then, then);
}

describe('collecting bases', () => {
  it('leaves alone what builds still ask for, and takes it when none has in 35 days', async () => {
    const base = await prepare();
    await age(`${base}/base.json`, 34);
    expect(await collect()).toEqual([]);
    await age(`${base}/base.json`, 36);
    expect(await collect([base])).toEqual([]);
    expect(await collect()).toEqual([path(base)]);
    expect(await namesIn(place)).toEqual(['by-request']);
    expect(await readdir(path('by-request')), 'links that lead nowhere go with it').toEqual([]);
  });

  it('counts each use, also one that found the base in the cache', async () => {
    const base = await prepare();
    await age(`${base}/base.json`, 100);
    await use();
    expect(await collect()).toEqual([]);
  });

  it('takes after a week what no request leads to any more', async () => {
    const old = await prepare();
    // As a refresh does it that makes a base from packages again.
    const links = await readdir(path('by-request'));
    const fresh = await prepare(true);
    for (const link of links) await linkRequest({ digest: link }, fresh, place.cacheDirectory);
    await age(`${old}/base.json`, 6);
    expect(await collect()).toEqual([]);
    for (const base of [old, fresh]) await age(`${base}/base.json`, 8);
    expect(await collect()).toEqual([path(old)]);
  });

  it('takes what a killed preparation left, and a download that could be resumed only after a week', async () => {
    const request = { digest: 'c'.repeat(64) };
    await mkdir(path('0123456789abcdef.01234567.partial'), { recursive: true });
    await writeFile(path('0123456789abcdef.download.partial'), 'the first bytes');
    await writeFile(path('0123456789abcdef.download.partial.json'), '{}');
    const work = await makeWorkDirectory(request, place, { push: () => {} } as never);
    const foreign = await mkdtemp(join(process.env['TMPDIR'] ?? '', 'katavm-base-'));
    expect(await collect()).toEqual([path('0123456789abcdef.01234567.partial'), work]);
    expect(existsSync(work)).toBe(false);
    expect(existsSync(foreign), 'of another home').toBe(true);
    for (const name of await namesIn(place)) await age(name, 8);
    expect((await collect()).sort()).toEqual(
      ['.download.partial', '.download.partial.json'].map((end) => path(`0123456789abcdef${end}`)),
    );
  });

  it('takes nothing while a base is being prepared', async () => {
    await mkdir(path('0123456789abcdef.01234567.partial'), { recursive: true });
    const preparing = await acquireLock(cacheLock(place.lockDirectory), { mode: 'shared' });
    expect(await collect()).toEqual([]);
    await preparing?.release();
    expect(await collect()).toHaveLength(1);
  });

  it('of a home that never had one finds nothing', async () => {
    expect(await collect()).toEqual([]);
  });
});
