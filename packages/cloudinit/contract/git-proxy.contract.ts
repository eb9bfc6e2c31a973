import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, start } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitProxyScript } from '../src/proxy/git-proxy-script.js';
import { startProxy } from './proxy-server.js';

const hasSocat = (await exec('sh', ['-c', 'command -v socat'], { acceptExitCodes: [0, 1, 127] })).exitCode === 0;

/** Answers only when its client has said all: half-close has to come through. */
let target: Server;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-git-proxy-'));
  target = createServer({ allowHalfOpen: true }, (socket) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => socket.end(Buffer.concat(chunks).reverse()));
  });
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
});
afterAll(async () => {
  target.close();
  await rm(folder, { recursive: true, force: true });
});

const user = 'jenkins';
const password = `p@ss:w/o,r"d%${String.fromCharCode(36)}'`;
const login = `${user}:${encodeURIComponent(password).replaceAll("'", '%27')}@`;

async function fetchThrough(scheme: string, credentials: string, expected: string | undefined, host = 'localhost') {
  const proxy = await startProxy(expected);
  try {
    const script = join(folder, 'helper');
    await writeFile(script, gitProxyScript(`${scheme}://${credentials}127.0.0.1:${proxy.port}`));
    const { port } = target.address() as AddressInfo;
    const { stdout, stderr, exitCode } = await exec('bash', [script, host, String(port)], {
      input: 'want\n',
      acceptExitCodes: [0, 1],
      timeoutMilliseconds: 30_000,
    });
    return {
      stdout,
      stderr,
      exitCode,
      seen: proxy.seen.map(({ target, login }) => `${login}>${target.replace(String(port), 'PORT')}`),
    };
  } finally {
    proxy.close();
  }
}

describe.skipIf(!hasSocat)('the helper for git:// URLs', () => {
  it.each([
    ['socks4', '', undefined, '>127.0.0.1:PORT'],
    ['socks4a', `${user}@`, undefined, `${user}>localhost:PORT`],
    ['socks5', '', undefined, '>localhost:PORT'],
    ['socks5', login, `${user}:${password}`, `${user}:${password}>localhost:PORT`],
    ['http', login, undefined, `${user}:${password}>localhost:PORT`],
  ])('carries both directions through %s://%s', async (scheme, credentials, expected, seen) => {
    expect(await fetchThrough(scheme, credentials, expected)).toMatchObject({
      stdout: '\ntnaw',
      exitCode: 0,
      seen: [expect.stringContaining(seen)],
    });
  });

  it.each(['socks4', 'socks5', 'http'])(
    'lets git hear through %s that the server has ended, though git has not',
    async (scheme) => {
      const server = createServer((socket) => socket.end('bye\n')).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const proxy = await startProxy(undefined);
      const script = join(folder, 'helper');
      await writeFile(script, gitProxyScript(`${scheme}://127.0.0.1:${proxy.port}`));
      const helper = start('bash', [script, '127.0.0.1', String((server.address() as AddressInfo).port)]);
      try {
        expect((await helper.stdout.toArray()).join('')).toBe('bye\n');
      } finally {
        helper.stdin.end();
        await helper.ended;
        proxy.close();
        server.close();
      }
    },
  );

  it('says that a SOCKS5 proxy refused the login, without the password', async () => {
    const { exitCode, stderr } = await fetchThrough('socks5', 'jenkins:wrong@', 'jenkins:right');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('refused the user');
    expect(stderr).not.toContain('wrong');
  });
});
