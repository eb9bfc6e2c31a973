import { readFile, stat } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { exec } from '@katavm/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepareBase } from '../src/prepare-base.js';
import { type ImageServer, startImageServer } from './image-server.js';
import { namesIn, noticesIn, openWorkplace, qcow2Disk, rawDisk, sha, temporaryDirectory, type Workplace } from './workplace.js';

let server: ImageServer;
let place: Workplace;
beforeAll(async () => {
  server = await startImageServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  server.files.clear();
  server.requests.length = 0;
  place = await openWorkplace();
});

describe('an image by URL', () => {
  it('is downloaded, verified and described, and the next use needs no network', async () => {
    const image = await qcow2Disk();
    server.files.set('/image.qcow2', { content: image });
    const source = { url: `${server.url}/image.qcow2`, sha256: sha('sha256', image).toUpperCase() };
    const base = await prepareBase({ ...place, source });
    expect(base).toMatchObject({
      format: 'qcow2',
      virtualSizeBytes: 3 * 1024 ** 2,
      boot: { kind: 'disk' },
      origin: source.url,
      cached: false,
    });
    expect(sha('sha256', await readFile(base.disk))).toBe(base.sha256);
    expect((await stat(base.disk)).mode & 0o777).toBe(0o444);
    expect(place.events).toContainEqual({
      ...{ type: 'progress', what: 'download base', unit: 'bytes' },
      ...{ done: image.length, total: image.length },
    });
    expect(await prepareBase({ ...place, source })).toEqual({ ...base, cached: true });
    expect(server.requests).toHaveLength(1);
    expect(await namesIn(place)).toEqual([base.sha256, 'by-request'].sort());
  });

  it('can be given by SHA-512, and by checksums files of all kinds', async () => {
    const image = await qcow2Disk();
    const [sha256, sha512] = [sha('sha256', image), sha('sha512', image)];
    server.files.set('/image.qcow2', { content: image });
    server.files.set('/SHA256SUMS', { content: Buffer.from(`${'0'.repeat(64)} *other.img\n${sha256} *image.qcow2\n`) });
    server.files.set('/SHA512SUMS', { content: Buffer.from(`${sha512}  image.qcow2\n`) });
    server.files.set('/CHECKSUM', {
      content: Buffer.from(`-----BEGIN PGP SIGNED MESSAGE-----\n\nSHA256 (image.qcow2) = ${sha256}\n`),
    });
    const url = `${server.url}/image.qcow2`;
    for (const name of ['SHA256SUMS', 'SHA512SUMS', 'CHECKSUM']) {
      expect((await prepareBase({ ...place, source: { url, checksums: `${server.url}/${name}` } })).sha256).toBe(sha256);
    }
    await prepareBase({ ...place, source: { url, sha512 } });
    const images = server.requests.filter(({ url: path }) => path === '/image.qcow2');
    expect(images, 'once by SHA-256, once by SHA-512').toHaveLength(2);
    expect((await namesIn(place)).length, 'one entry for the same bytes').toBe(2);
  });

  it('of a checksums file is looked up again by a refresh only', async () => {
    const [old, fresh] = [await qcow2Disk(), await qcow2Disk()];
    const source = { url: `${server.url}/image.qcow2`, checksums: `${server.url}/SHA256SUMS` };
    const publish = (image: Buffer) => {
      server.files.set('/image.qcow2', { content: image });
      server.files.set('/SHA256SUMS', { content: Buffer.from(`${sha('sha256', image)}  image.qcow2\n`) });
    };
    publish(old);
    await prepareBase({ ...place, source });
    publish(fresh);
    expect((await prepareBase({ ...place, source })).sha256).toBe(sha('sha256', old));
    expect((await prepareBase({ ...place, source, refresh: true })).sha256).toBe(sha('sha256', fresh));
    expect((await prepareBase({ ...place, source })).sha256).toBe(sha('sha256', fresh));
    const before = server.requests.length;
    expect(await prepareBase({ ...place, source, refresh: true })).toMatchObject({ cached: true });
    expect(server.requests.length - before, 'only the checksums file').toBe(1);
  });

  it('packed as .xz or .gz is unpacked, with holes for its zeros; the digest is that of the packed file', async () => {
    const disk = rawDisk(12 * 1024 ** 2);
    const directory = await temporaryDirectory();
    const packed = `${directory}/disk.xz`;
    await exec('xz', ['--stdout', '-0'], { input: disk, stdoutFile: packed });
    // As some servers label such files: what is stored is meant, not what it would decode to.
    server.files.set('/disk.raw.gz', { content: gzipSync(disk), headers: { 'content-encoding': 'gzip' } });
    server.files.set('/disk.raw.xz', { content: await readFile(packed) });
    for (const name of ['disk.raw.gz', 'disk.raw.xz']) {
      const fresh = await openWorkplace();
      const file = server.files.get(`/${name}`);
      if (!file || !('content' in file)) throw new Error('not served');
      const base = await prepareBase({ ...fresh, source: { url: `${server.url}/${name}`, sha256: sha('sha256', file.content) } });
      expect(base).toMatchObject({ format: 'raw', virtualSizeBytes: disk.length, sha256: sha('sha256', disk) });
      expect((await stat(base.disk)).blocks * 512).toBeLessThan(disk.length / 2);
    }
  });

  it('that was altered in the cache is noticed, told of, and downloaded again', async () => {
    const image = await qcow2Disk();
    server.files.set('/image.qcow2', { content: image });
    const source = { url: `${server.url}/image.qcow2`, sha256: sha('sha256', image) };
    const { disk } = await prepareBase({ ...place, source });
    // In place, one byte, with size and time as before: what only a digest shows.
    await exec('sh', [
      '-c',
      'chmod u+w "$1"; touch -r "$1" "$1.t"; printf X | dd of="$1" bs=1 seek=200000 conv=notrunc status=none; touch -r "$1.t" "$1"',
      'sh',
      disk,
    ]);
    expect(await prepareBase({ ...place, source })).toMatchObject({ cached: false, disk });
    expect(noticesIn(place)).toEqual(['KATAVM_BASE_ALTERED']);
    expect(sha('sha256', await readFile(disk))).toBe(source.sha256);
  });

  it('that two want at once is downloaded once', async () => {
    const image = await qcow2Disk();
    server.files.set('/image.qcow2', { content: image });
    const source = { url: `${server.url}/image.qcow2`, sha256: sha('sha256', image) };
    const both = await Promise.all([prepareBase({ ...place, source }), prepareBase({ ...place, source })]);
    expect(both.map(({ cached }) => cached).sort()).toEqual([false, true]);
    expect(server.requests).toHaveLength(1);
  });
});
