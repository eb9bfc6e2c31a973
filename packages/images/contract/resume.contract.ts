import { createServer } from 'node:net';
import type { KatavmEvent } from '@katavm/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepareBase } from '../src/prepare-base.js';
import { type ImageServer, type ServedFile, startImageServer } from './image-server.js';
import { namesIn, noticesIn, openWorkplace, qcow2Disk, refusal, sha, type Workplace } from './workplace.js';

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
});

function serve(file: Partial<ServedFile>): { url: string; sha256: string } {
  server.files.set('/image.qcow2', { content: image, ...file });
  return { url: `${server.url}/image.qcow2`, sha256: sha('sha256', file.content ?? image) };
}

/** Tears the connection as soon as some bytes have been written: a connection is never cut before anything has come. */
function tearing(): Workplace {
  const emit = (event: KatavmEvent) => {
    place.emit(event);
    if (event.type === 'progress') server.tear();
  };
  return { ...place, emit };
}

const ranges = () => server.requests.map(({ headers }) => headers.range);

describe('a download that is cut', () => {
  it('goes on where it was cut, and says so', async () => {
    const source = serve({ etag: '"one"', cuts: [10_000, 5000] });
    await prepareBase({ ...tearing(), source });
    expect(ranges()).toEqual([undefined, 'bytes=10000-', 'bytes=15000-']);
    expect(noticesIn(place)).toEqual(['KATAVM_DOWNLOAD_RESUMED', 'KATAVM_DOWNLOAD_RESUMED']);
  });

  it('again and again ends with an error, and the next run goes on', async () => {
    const source = serve({ cuts: [1000, 1000, 1000, 1000, 1000, 1000] });
    const error = await refusal(prepareBase({ ...tearing(), source }));
    expect(error).toMatchObject({ code: 'KATAVM_BASE_TRUNCATED', details: { bytes: 6000 } });
    expect(await prepareBase({ ...place, source })).toMatchObject({ sha256: source.sha256 });
    expect(ranges().at(-1)).toBe('bytes=6000-');
    expect(await namesIn(place), 'no partial file is left').toHaveLength(2);
  });

  it('begins anew when the server has another file by now', async () => {
    const old = await qcow2Disk();
    serve({ content: old, etag: '"old"', cuts: [900, 900, 900, 900, 900, 900] });
    const source = { url: `${server.url}/image.qcow2`, sha256: sha('sha256', image) };
    await refusal(prepareBase({ ...tearing(), source }));
    serve({ etag: '"new"' });
    expect(await prepareBase({ ...place, source })).toMatchObject({ sha256: source.sha256 });
    expect(server.requests.at(-1)?.headers).toMatchObject({ range: 'bytes=5400-', 'if-range': '"old"' });
  });

  it('begins anew on a server without ranges', async () => {
    const source = serve({ ranges: false, cuts: [1000] });
    expect(await prepareBase({ ...tearing(), source })).toMatchObject({ sha256: source.sha256 });
    expect(ranges()).toEqual([undefined, 'bytes=1000-']);
  });

  it('with nothing but its end missing is not loaded again', async () => {
    const source = serve({});
    // All bytes came, but the run ends before it can look at them.
    const interruption = new AbortController();
    const emit = (event: (typeof place.events)[number]) => {
      if (event.type === 'progress' && event.done === image.length) interruption.abort();
    };
    const error = await refusal(prepareBase({ ...place, source, emit, signal: interruption.signal }));
    expect(error.code).toBe('KATAVM_INTERRUPTED');
    expect(await prepareBase({ ...place, source })).toMatchObject({ sha256: source.sha256 });
    expect(ranges()).toEqual([undefined, `bytes=${image.length}-`]);
  });

  it('by an interruption ends at once, and another run can have its place', async () => {
    const interruption = new AbortController();
    server.files.set('/image.qcow2', (_, response) => {
      response.writeHead(200, { 'content-length': image.length }).write(image.subarray(0, 5000), () => interruption.abort());
    });
    const source = { url: `${server.url}/image.qcow2`, sha256: sha('sha256', image) };
    const error = await refusal(prepareBase({ ...place, source, signal: interruption.signal }));
    expect(error.code).toBe('KATAVM_INTERRUPTED');
    serve({});
    expect(await prepareBase({ ...place, source })).toMatchObject({ sha256: source.sha256 });
  });

  it('from a server that is gone says that it cannot be reached, and keeps what it has', async () => {
    const gone = await startImageServer();
    gone.files.set('/image.qcow2', { content: image, cuts: [5000] });
    const source = { url: `${gone.url}/image.qcow2`, sha256: sha('sha256', image) };
    const emit = (event: KatavmEvent) => {
      if (event.type === 'progress') void gone.close();
    };
    const error = await refusal(prepareBase({ ...place, source, emit }));
    expect(error.code).toBe('KATAVM_BASE_UNREACHABLE');
    expect((await namesIn(place)).filter((name) => name.endsWith('.download.partial'))).toHaveLength(1);
  });

  it('by a server that answers with rubbish is no crash', async () => {
    const rubbish = createServer((socket) => void socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n'));
    await new Promise<void>((resolve) => rubbish.listen(0, '127.0.0.1', resolve));
    const { port } = rubbish.address() as { port: number };
    const error = await refusal(
      prepareBase({ ...place, source: { url: `http://127.0.0.1:${port}/x`, sha256: sha('sha256', image) } }),
    );
    rubbish.close();
    expect(error.code).toBe('KATAVM_BASE_UNREACHABLE');
  });
});
