import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchJar } from '../src/jar/fetch-jar.js';

/** The end of a zip without a file in it: what is read of a zip is read from its end. */
const zipEnd = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);
const zip = (content: string) => Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), Buffer.alloc(100_000, content), zipEnd]);
const jar = zip('a jar');
const page = '<!DOCTYPE html><html><head><title>Sign in</title></head></html>';
let folder: string;
let servers: Server[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-jars-'));
  servers = [];
});
afterEach(async () => {
  for (const server of servers) server.closeAllConnections();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  await rm(folder, { recursive: true, force: true });
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/jnlpJars/agent.jar`;
}

test('a jar is fetched once, by its ETag, and again when the controller was upgraded', async () => {
  let etag = '"1"';
  const answers: number[] = [];
  const url = await serve((request, response) => {
    const status = request.headers['if-none-match'] === etag ? 304 : 200;
    answers.push(status);
    response.writeHead(status, { etag });
    response.end(status === 200 ? zip(etag) : undefined);
  });
  const first = await fetchJar(url, folder);
  expect(await fetchJar(url, folder)).toEqual(first);
  etag = '"2"';
  const second = await fetchJar(url, folder);
  expect(answers).toEqual([200, 304, 200]);
  expect(second.path).not.toBe(first.path);
  expect(await readFile(second.path)).toEqual(zip('"2"'));
});

test('by its date, where the controller gives no ETag', async () => {
  const modified = 'Thu, 01 Jan 2026 00:00:00 GMT';
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    asked.push(request.headers['if-modified-since']);
    response.writeHead(request.headers['if-modified-since'] === modified ? 304 : 200, { 'last-modified': modified });
    response.end(asked.length === 1 ? jar : undefined);
  });
  await fetchJar(url, folder);
  await fetchJar(url, folder);
  expect(asked).toEqual([undefined, modified]);
});

test('one that was damaged on this host is fetched again whole', async () => {
  const url = await serve((_, response) => response.writeHead(200, { etag: '"1"' }).end(jar));
  const { path } = await fetchJar(url, folder);
  await writeFile(path, 'PK damaged');
  expect(await readFile((await fetchJar(url, folder)).path)).toEqual(jar);
});

test('while the controller is away the last jar serves, with a warning; without one it is an error with a hint', async () => {
  let status = 503;
  const url = await serve((_, response) => response.writeHead(status).end(jar));
  await expect(fetchJar(url, folder)).rejects.toMatchObject({
    code: 'KATAVM_AGENT_JAR_UNAVAILABLE',
    message: expect.stringContaining('503'),
    hint: expect.stringContaining('Jenkins URL'),
  });
  status = 200;
  const { path } = await fetchJar(url, folder);
  status = 503;
  expect(await fetchJar(url, folder)).toMatchObject({ path, warning: expect.stringContaining('503') });
});

test.each([
  ['a login page', (response: Parameters<RequestListener>[1]) => response.end(page)],
  ['a jar without its end', (response: Parameters<RequestListener>[1]) => response.end(jar.subarray(0, -22))],
  ['nothing', (response: Parameters<RequestListener>[1]) => response.end()],
  [
    'half a jar',
    (response: Parameters<RequestListener>[1]) => {
      response.writeHead(200, { 'content-length': jar.length });
      response.write(jar.subarray(0, 5000), () => response.destroy());
    },
  ],
])('%s is no jar, and nothing of it is kept', async (_, answer) => {
  const url = await serve((_request, response) => answer(response));
  await expect(fetchJar(url, folder)).rejects.toMatchObject({ code: 'KATAVM_AGENT_JAR_UNAVAILABLE' });
  expect(await readdir(folder)).toEqual([]);
});

test('eight launches at once get the same whole jar', async () => {
  const url = await serve((_, response) => response.writeHead(200, { etag: '"1"' }).end(jar));
  const paths = (await Promise.all(Array.from({ length: 8 }, () => fetchJar(url, folder)))).map(({ path }) => path);
  expect(new Set(paths).size).toBe(1);
  expect(await readFile(paths[0] ?? '')).toEqual(jar);
});

test('a login page is told as such, with what has to be let through', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/login') return response.end(page);
    return response.writeHead(302, { location: '/login' }).end();
  });
  await expect(fetchJar(url, folder)).rejects.toMatchObject({
    message: expect.stringContaining('a web page'),
    hint: expect.stringContaining('/jnlpJars/'),
  });
});

test("the controller's version says which Java it needs, and a newer one with the same jar says it anew", async () => {
  let controller: string | undefined = '2.541.3';
  const url = await serve((request, response) => {
    const status = request.headers['if-none-match'] === '"1"' ? 304 : 200;
    response.writeHead(status, { etag: '"1"', ...(controller && { 'x-jenkins': controller }) });
    response.end(status === 200 ? jar : undefined);
  });
  expect(await fetchJar(url, folder)).toMatchObject({ need: { major: 17, of: 'Jenkins 2.541.3' } });
  controller = '2.555.1';
  expect(await fetchJar(url, folder)).toMatchObject({ need: { major: 21, of: 'Jenkins 2.555.1' }, controller });
  // What it said last holds while it says nothing.
  controller = undefined;
  expect(await fetchJar(url, folder)).toMatchObject({ need: { major: 21 } });
});

test.each([undefined, 'nonsense'])('a server that calls itself %j is believed by its jar alone', async (controller) => {
  const newer = await readFile(join(import.meta.dirname, '../../../e2e/agent-jar/echo21.jar'));
  const url = await serve((_, response) => response.writeHead(200, controller ? { 'x-jenkins': controller } : {}).end(newer));
  expect(await fetchJar(url, folder)).toMatchObject({ need: { major: 21, of: expect.stringContaining('jar') }, controller });
});

test.each(['', '{"url":"h', '{}', '[]', '{"url":"x","sha256":"../../etc/passwd"}'])(
  'a record that is torn (%j) costs one more fetch, and no launch',
  async (torn) => {
    let answers = 0;
    const url = await serve((request, response) => {
      const status = request.headers['if-none-match'] ? 304 : 200;
      answers += status === 200 ? 1 : 0;
      response.writeHead(status, { etag: '"1"' }).end(status === 200 ? jar : undefined);
    });
    await fetchJar(url, folder);
    const record = (await readdir(folder)).find((name) => name.endsWith('.json')) ?? '';
    await writeFile(join(folder, record), torn);
    await fetchJar(url, folder);
    await fetchJar(url, folder);
    expect(answers).toBe(2);
  },
);
