import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { exec } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { prepareBase } from '../src/prepare-base.js';
import { type ImageServer, startImageServer } from './image-server.js';
import { namesIn, openWorkplace, rawDisk, refusal, sha } from './workplace.js';

let server: ImageServer;
beforeAll(async () => {
  server = await startImageServer();
});
afterAll(() => server.close());

/** Runs `work` with a cache on a file system of 8 MiB. */
async function onTinyDisk(work: (place: Awaited<ReturnType<typeof openWorkplace>>) => Promise<void>): Promise<void> {
  const place = await openWorkplace();
  await mkdir(place.cacheDirectory);
  await exec('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', place.cacheDirectory]);
  try {
    await work(place);
  } finally {
    await exec('umount', [place.cacheDirectory]);
  }
}

// Only root may mount.
describe.skipIf(process.geteuid?.() !== 0)('a full disk', () => {
  it('is foreseen where the size of the download is known, and met where it is not; nothing is left', async () => {
    const image = Buffer.concat([rawDisk(), randomBytes(9 * 1024 ** 2)]);
    const sha256 = sha('sha256', image);
    server.files.set('/known', { content: image });
    server.files.set('/unknown', (_, response) => void response.writeHead(200).end(image));
    await onTinyDisk(async (place) => {
      for (const name of ['known', 'unknown']) {
        const error = await refusal(prepareBase({ ...place, source: { url: `${server.url}/${name}`, sha256 } }));
        expect(error).toMatchObject({ code: 'KATAVM_BASE_DISK_FULL', hint: expect.stringContaining('df -h') });
        expect(await namesIn(place)).toEqual([]);
      }
    });
  });

  it('is met while an image is unpacked; nothing is left', async () => {
    const disk = Buffer.concat([rawDisk(), randomBytes(4 * 1024 ** 2)]);
    const xz = await exec('sh', ['-c', 'xz --stdout -0 | base64 -w0'], { input: disk });
    const packed = { gz: gzipSync(disk), xz: Buffer.from(xz.stdout, 'base64') };
    for (const [name, content] of Object.entries(packed)) {
      server.files.set(`/${name}`, { content });
      await onTinyDisk(async (place) => {
        const source = { url: `${server.url}/${name}`, sha256: sha('sha256', content) };
        expect((await refusal(prepareBase({ ...place, source }))).code).toBe('KATAVM_BASE_DISK_FULL');
        expect(await namesIn(place)).toEqual([]);
      });
    }
  });

  it('is foreseen before packages are loaded', async () => {
    await onTinyDisk(async (place) => {
      const packages = { distribution: 'debian' as const, suite: 'bookworm', mirror: 'http://127.0.0.1:1/debian', include: [] };
      expect((await refusal(prepareBase({ ...place, source: { packages } }))).code).toBe('KATAVM_BASE_DISK_FULL');
      vi.stubEnv('TMPDIR', place.cacheDirectory);
      const elsewhere = { ...place, cacheDirectory: `${place.directory}/elsewhere` };
      expect((await refusal(prepareBase({ ...elsewhere, source: { packages } }))).message).toContain(place.cacheDirectory);
    });
  });
});
