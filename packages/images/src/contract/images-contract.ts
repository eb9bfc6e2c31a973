import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '@katavm/core';
import type { ImagesAdapter } from '../adapter.js';
import { inPlace, type Place, rawDisk } from './place.js';

/** Those of any test runner; the suite asserts by node:assert. */
export interface TestFunctions {
  describe(name: string, define: () => void): void;
  it(name: string, test: () => Promise<void>): void;
}

/**
 * What katavm relies on, as tests: a replacement of `@katavm/images` has to pass them. They need `qemu-img` and `flock`, serve what
 * they download themselves on 127.0.0.1, and make no base from packages, which takes a minute and a mirror.
 */
export function imagesContract(adapter: ImagesAdapter, { describe, it }: TestFunctions): void {
  const test = (name: string, run: (place: Place) => Promise<void>) => it(name, () => inPlace(run));

  describe('a base by path', () => {
    test('is used where it lies', async ({ folder, context }) => {
      const [path, content] = [join(folder, 'disk.raw'), rawDisk()];
      await writeFile(path, content);
      const base = await adapter.prepareBase({ ...context, source: { path } });
      assert.deepEqual(
        { disk: base.disk, format: base.format, virtualSizeBytes: base.virtualSizeBytes, sha256: base.sha256, boot: base.boot },
        { disk: path, format: 'raw', virtualSizeBytes: content.length, sha256: digestOf(content), boot: { kind: 'disk' } },
      );
      assert.ok(content.equals(await readFile(path)), 'it was written to');
    });

    test('that is absent, or not what its digest says, is refused', async ({ folder, context }) => {
      const path = join(folder, 'disk.raw');
      await fails(adapter.prepareBase({ ...context, source: { path } }), 'KATAVM_BASE_FILE_UNREADABLE');
      await writeFile(path, rawDisk());
      const source = { path, sha256: '0'.repeat(64) };
      await fails(adapter.prepareBase({ ...context, source }), 'KATAVM_BASE_DIGEST_MISMATCH');
    });
  });

  describe('a base by URL', () => {
    test('is downloaded once, verified, read-only, and found again without its server', async ({ serve, served, context }) => {
      const content = rawDisk();
      const source = { url: serve('disk.raw', content), sha256: digestOf(content) };
      const base = await adapter.prepareBase({ ...context, source });
      assert.equal(base.cached, false);
      assert.equal(base.sha256, source.sha256);
      assert.ok(content.equals(await readFile(base.disk)));
      assert.deepEqual(await adapter.prepareBase({ ...context, source }), { ...base, cached: true });
      assert.deepEqual(served(), ['/disk.raw']);
    });

    test('that two want at once is downloaded once', async ({ serve, served, context }) => {
      const content = rawDisk();
      const source = { url: serve('disk.raw', content), sha256: digestOf(content) };
      const both = await Promise.all([1, 2].map(() => adapter.prepareBase({ ...context, source })));
      assert.deepEqual(both.map(({ cached }) => cached).sort(), [false, true]);
      assert.deepEqual(served(), ['/disk.raw']);
    });

    test('that is not what its digest says, no disk, or not there, is refused and not kept', async ({ serve, context }) => {
      const page = Buffer.from('<!DOCTYPE html><title>not found</title>');
      const wrong = { url: serve('disk.raw', rawDisk()), sha256: '0'.repeat(64) };
      await fails(adapter.prepareBase({ ...context, source: wrong }), 'KATAVM_BASE_DIGEST_MISMATCH');
      const html = { url: serve('page', page), sha256: digestOf(page) };
      await fails(adapter.prepareBase({ ...context, source: html }), 'KATAVM_BASE_IS_HTML');
      const absent = { url: wrong.url.replace('disk.raw', 'absent'), sha256: '0'.repeat(64) };
      await fails(adapter.prepareBase({ ...context, source: absent }), 'KATAVM_BASE_NOT_FOUND');
      assert.deepEqual(await readdir(context.cacheDirectory), []);
    });

    test('is not kept half done at an interruption', async ({ serve, context }) => {
      const content = rawDisk();
      const source = { url: serve('disk.raw', content), sha256: digestOf(content) };
      await fails(adapter.prepareBase({ ...context, source, signal: AbortSignal.abort() }), 'KATAVM_INTERRUPTED');
      assert.equal((await adapter.prepareBase({ ...context, source })).sha256, source.sha256);
    });
  });

  describe('collecting bases', () => {
    test('leaves what was just prepared, and what is in use however old', async ({ serve, context }) => {
      const content = rawDisk();
      const source = { url: serve('disk.raw', content), sha256: digestOf(content) };
      const base = await adapter.prepareBase({ ...context, source });
      assert.deepEqual(await adapter.collectBases({ ...context, inUse: [] }), []);
      const longAgo = new Date('2001-01-01T00:00:00Z');
      for (const name of await readdir(join(base.disk, '..'))) await utimes(join(base.disk, '..', name), longAgo, longAgo);
      assert.deepEqual(await adapter.collectBases({ ...context, inUse: [base.sha256] }), []);
      assert.equal((await adapter.prepareBase({ ...context, source })).cached, true);
    });
  });
}

function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

async function fails(work: Promise<unknown>, code: `KATAVM_${string}`): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(hasCode(error, code), `expected ${code}, got ${error}`);
    return true;
  });
}
