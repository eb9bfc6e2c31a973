import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KatavmEvent } from '@katavm/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { prepareBase } from '../src/prepare-base.js';
import { type ImageServer, startImageServer } from './image-server.js';
import { openWorkplace, qcow2Disk, refusal, sha, type Workplace } from './workplace.js';

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
  server.requests.length = 0;
  place = await openWorkplace();
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy']) {
    vi.stubEnv(name, '');
    vi.stubEnv(name.toUpperCase(), '');
  }
});

const digest = () => sha('sha256', image);

describe('the proxy that http_proxy names', () => {
  it('is asked for the image by its whole URL, without a tunnel, and with its own password', async () => {
    // A forward proxy gets the absolute URL as the request's target; this one has every host's files.
    server.files.set('/image.qcow2', { content: image });
    vi.stubEnv('http_proxy', server.url.replace('//', '//proxyuser:proxysecret@'));
    const base = await prepareBase({ ...place, source: { url: 'http://images.example.org/image.qcow2', sha256: digest() } });
    expect(base.sha256).toBe(digest());
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET http://images.example.org/image.qcow2']);
    const login = Buffer.from('proxyuser:proxysecret').toString('base64');
    expect(server.requests[0]?.headers['proxy-authorization']).toBe(`Basic ${login}`);
  });

  it('is passed by for the hosts of no_proxy', async () => {
    server.files.set('/image.qcow2', { content: image });
    vi.stubEnv('http_proxy', 'http://proxy.invalid:3128');
    vi.stubEnv('no_proxy', 'localhost,127.0.0.1');
    expect(await prepareBase({ ...place, source: { url: `${server.url}/image.qcow2`, sha256: digest() } })).toMatchObject({
      cached: false,
    });
  });

  it('must be a URL; what is wrong is told without its password', async () => {
    vi.stubEnv('http_proxy', 'proxyuser:proxysecret@proxy:port');
    const error = await refusal(prepareBase({ ...place, source: { url: `${server.url}/i`, sha256: digest() } }));
    expect(error.code).toBe('KATAVM_BASE_PROXY_INVALID');
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('proxysecret');
  });
});

describe('a password in the URL of an image', () => {
  const withPassword = () => `${server.url.replace('//', '//user:p%40ss@')}/image.qcow2?token=t0ken`;
  const login = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;

  it('is given to the server, and kept nowhere', async () => {
    server.files.set('/image.qcow2', { content: image, cuts: [1000] });
    const emit = (event: KatavmEvent) => {
      place.emit(event);
      if (event.type === 'progress') server.tear();
    };
    const base = await prepareBase({ ...place, emit, source: { url: withPassword(), sha256: digest() } });
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([login, login]);
    const manifest = await readFile(join(base.disk, '..', 'base.json'), 'utf8');
    const kept = manifest + JSON.stringify([base, place.events]);
    for (const secret of ['p%40ss', 'p@ss', 't0ken', login]) expect(kept).not.toContain(secret);
  });

  it('is not in an error', async () => {
    const error = await refusal(prepareBase({ ...place, source: { url: withPassword(), sha256: digest() } }));
    expect(error.code).toBe('KATAVM_BASE_NOT_FOUND');
    for (const secret of ['p%40ss', 'p@ss', 't0ken']) expect(`${error.message}${error.hint}`).not.toContain(secret);
  });

  it('is not told to the host that it redirects to', async () => {
    const mirror = await startImageServer();
    mirror.files.set('/elsewhere', { content: image });
    server.files.set(
      '/image.qcow2',
      (_, response) => void response.writeHead(302, { location: `${mirror.url}/elsewhere` }).end(),
    );
    await prepareBase({ ...place, source: { url: withPassword(), sha256: digest() } });
    await mirror.close();
    expect(server.requests[0]?.headers.authorization).toBe(login);
    expect(mirror.requests[0]?.headers.authorization).toBeUndefined();
  });
});
