import { exec } from '@katavm/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepareBase } from '../src/prepare-base.js';
import { type ImageServer, startImageServer } from './image-server.js';
import { namesIn, openWorkplace, qcow2Disk, refusal, sha, temporaryDirectory, type Workplace } from './workplace.js';

let server: ImageServer;
let place: Workplace;
let image: Buffer;
beforeAll(async () => {
  server = await startImageServer();
  image = await qcow2Disk();
});
afterAll(() => server.close());
beforeEach(async () => {
  server.files.clear();
  place = await openWorkplace();
});

const page = '<!DOCTYPE html>\n<html><title>Log in</title></html>';
const digest = () => sha('sha256', image);

/** What is refused, by the code that says so. Each must leave the cache as it was. */
async function expectRefused(code: string, source: Parameters<typeof prepareBase>[0]['source']): Promise<string> {
  const error = await refusal(prepareBase({ ...place, source }));
  expect(error.code).toBe(code);
  expect(error.hint).toBeTruthy();
  expect(await namesIn(place)).toEqual([]);
  return error.message;
}

const atImage = () => ({ url: `${server.url}/image.qcow2`, sha256: digest() });

describe('a download is refused, and the cache left as it was,', () => {
  it.each([
    [404, 'KATAVM_BASE_NOT_FOUND'],
    [410, 'KATAVM_BASE_NOT_FOUND'],
    [403, 'KATAVM_BASE_FORBIDDEN'],
    [401, 'KATAVM_BASE_FORBIDDEN'],
    [503, 'KATAVM_BASE_SERVER_FAILED'],
  ])('when the server answers %i', async (status, code) => {
    server.files.set('/image.qcow2', (_, response) => void response.writeHead(status).end(page));
    expect(await expectRefused(code, atImage())).toContain(String(status));
  });

  it('when a page comes in its place, labelled as one or not', async () => {
    for (const type of ['text/html; charset=utf-8', 'application/octet-stream']) {
      server.files.set('/image.qcow2', (_, response) => void response.writeHead(200, { 'content-type': type }).end(page));
      await expectRefused('KATAVM_BASE_IS_HTML', atImage());
    }
  });

  it('when its digest is another one, and both are shown', async () => {
    const other = await qcow2Disk();
    server.files.set('/image.qcow2', { content: other });
    const message = await expectRefused('KATAVM_BASE_DIGEST_MISMATCH', atImage());
    expect(message).toContain(digest());
    expect(message).toContain(sha('sha256', other));
  });

  it('when the file is short although the server says that it is whole', async () => {
    server.files.set('/image.qcow2', { content: image.subarray(0, image.length / 2) });
    await expectRefused('KATAVM_BASE_DIGEST_MISMATCH', atImage());
  });

  it('when the checksums file is absent, a page, or does not name the image', async () => {
    server.files.set('/image.qcow2', { content: image });
    const source = { url: `${server.url}/image.qcow2`, checksums: `${server.url}/SHA256SUMS` };
    await expectRefused('KATAVM_BASE_NOT_FOUND', source);
    server.files.set('/SHA256SUMS', { content: Buffer.from(page) });
    await expectRefused('KATAVM_BASE_IS_HTML', source);
    server.files.set('/SHA256SUMS', { content: Buffer.from(`${digest()}  image.qcow2.manifest\n`) });
    expect(await expectRefused('KATAVM_BASE_CHECKSUM_MISSING', source)).toContain('image.qcow2');
  });

  it('when the host has no address, or nobody listens there', async () => {
    await expectRefused('KATAVM_BASE_UNREACHABLE', { url: 'http://images.invalid/image.qcow2', sha256: digest() });
    const gone = await startImageServer();
    await gone.close();
    expect(await expectRefused('KATAVM_BASE_UNREACHABLE', { url: `${gone.url}/i`, sha256: digest() })).toContain('ECONNREFUSED');
  });

  it('when it redirects for ever', async () => {
    server.files.set('/image.qcow2', (_, response) => void response.writeHead(302, { location: '/image.qcow2' }).end());
    await expectRefused('KATAVM_BASE_UNREACHABLE', atImage());
  });

  it('when it is what it should be, but no disk', async () => {
    const notes = Buffer.from('release notes of the image\n');
    server.files.set('/notes', { content: notes });
    await expectRefused('KATAVM_BASE_NOT_A_DISK', { url: `${server.url}/notes`, sha256: sha('sha256', notes) });
    const head = image.subarray(0, 60);
    server.files.set('/head', { content: head });
    await expectRefused('KATAVM_BASE_NOT_A_DISK', { url: `${server.url}/head`, sha256: sha('sha256', head) });
  });

  it('when it is a packed file that is damaged', async () => {
    for (const magic of ['\xfd7zXZ\0', '\x1f\x8b']) {
      const packed = Buffer.concat([Buffer.from(magic, 'latin1'), image]);
      server.files.set('/packed', { content: packed });
      await expectRefused('KATAVM_BASE_UNPACK_FAILED', { url: `${server.url}/packed`, sha256: sha('sha256', packed) });
    }
  });

  it('when it names a file of this host as its backing or data file, before any tool opens that', async () => {
    const directory = await temporaryDirectory();
    await exec('sh', [
      '-ec',
      'cd "$1"; qemu-img create -q -f qcow2 -u -F raw -b /etc/passwd backed 1M; qemu-img create -q -f qcow2 -o data_file=d,data_file_raw=on external 1M; rm d',
      'sh',
      directory,
    ]);
    for (const name of ['backed', 'external']) {
      const content = Buffer.from((await exec('base64', [`${directory}/${name}`])).stdout, 'base64');
      server.files.set('/hostile', { content });
      await expectRefused('KATAVM_BASE_HAS_BACKING_FILE', { url: `${server.url}/hostile`, sha256: sha('sha256', content) });
    }
  });
});
