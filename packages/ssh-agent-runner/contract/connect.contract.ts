import { once } from 'node:events';
import { appendFile, readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { exec, ignoreEvents } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openConnection } from '../src/connection/connect.js';
import { adapter } from '../src/index.js';
import { sessionOf } from '../src/session.js';
import { lasting, startServer, type TestServer } from './sshd.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const file = (name: string) => join(server.folder, name);
const text = (name: string) => readFile(file(name), 'utf8');

test.each(['rsa', 'ecdsa'] as const)('a guest with an %s host key is verified by it', async (keyType) => {
  const other = await startServer({ keyType });
  const session = await adapter.connect(other.input);
  expect((await session.run('echo $((6 * 7))')).stdout).toBe('42\n');
  session.close();
  await session.closed;
  await other.stop();
});

test.each([
  ['ed25519', 0],
  ['ecdsa', 0],
  ['rsa', 1],
])('a login with an %s key asks %i times whether it is welcome', async (keyType, questions) => {
  const other = await startServer({ extra: ['LogLevel VERBOSE'] });
  const privateKeyPath = join(other.folder, 'own');
  await exec('ssh-keygen', ['-q', '-t', keyType, '-N', '', '-f', privateKeyPath]);
  await appendFile(join(other.folder, 'authorized_keys'), await readFile(`${privateKeyPath}.pub`));
  const session = await adapter.connect({ ...other.input, privateKeyPath });
  expect((await session.run('echo $((6 * 7))')).stdout).toBe('42\n');
  session.close();
  await session.closed;
  expect(await other.log()).toContain('Accepted publickey');
  // What sshd calls the answer to that question.
  expect((await other.log()).match(/Postponed publickey/g)?.length ?? 0).toBe(questions);
  await other.stop();
});

test('a login has the guest agree on a key by P-256, and prove none of its host keys but the one that is verified', async () => {
  const talkative = await startServer({ extra: ['LogLevel DEBUG1'] });
  const session = await adapter.connect(talkative.input);
  await session.run('true');
  session.close();
  await session.closed;
  const log = await talkative.log();
  await talkative.stop();
  expect(log).toContain('kex: algorithm: ecdh-sha2-nistp256');
  expect(log).toContain('server_input_channel_req'); // it says which requests it gets
  expect(log).not.toContain('hostkeys-prove');
});

test('a guest that has no P-256 is logged in to all the same', async () => {
  const other = await startServer({ extra: ['KexAlgorithms curve25519-sha256'] });
  const session = await adapter.connect(other.input);
  expect((await session.run('echo $((6 * 7))')).stdout).toBe('42\n');
  session.close();
  await session.closed;
  await other.stop();
});

test('a guest lets its owner in, however often somebody has only looked or brought a wrong key', async () => {
  const other = await startServer();
  const { address } = other.input;
  const stranger = { ...other.input, privateKeyPath: join(other.folder, 'stranger') };
  // OpenSSH 9.8 and later count 1 and 5 seconds for each, and refuse from 15 on.
  for (let look = 0; look < 20; look++) {
    await adapter.waitForBanner({ address, timeoutMilliseconds: 20_000, hint: 'see its log', emit: ignoreEvents });
  }
  for (let key = 0; key < 4; key++) {
    await expect(adapter.connect(stranger)).rejects.toMatchObject({ code: 'KATAVM_SSH_REFUSED' });
  }
  const session = await adapter.connect(other.input);
  expect((await session.run('echo $((6 * 7))')).stdout).toBe('42\n');
  session.close();
  await session.closed;
  await other.stop();
});

describe('a guest whose server has spoken', () => {
  const greeting = (address = server.address) =>
    adapter.greet({ address, timeoutMilliseconds: 20_000, hint: 'see its log', emit: ignoreEvents });

  test('is gone on with on that connection', async () => {
    let connections = 0;
    const relay = createServer((socket) => {
      connections++;
      const onward = connect(server.address);
      socket.on('error', () => onward.destroy()).pipe(onward);
      onward.on('error', () => socket.destroy()).pipe(socket);
    });
    await once(relay.listen(0, '127.0.0.1'), 'listening');
    const address = { host: '127.0.0.1', port: (relay.address() as AddressInfo).port };
    const greeted = await greeting(address);
    const before = connections; // a server that is slow to speak is called more than once
    const session = await adapter.connect({ ...server.input, address, greeting: greeted });
    expect((await session.run('echo $((6 * 7))')).stdout).toBe('42\n');
    expect(connections).toBe(before);
    session.close();
    await session.closed;
    relay.close();
  });

  test('is connected to anew where that connection has ended', async () => {
    const ended = await greeting();
    ended.close();
    const session = await adapter.connect({ ...server.input, greeting: ended });
    expect((await session.run('echo $((6 * 7))')).stdout).toBe('42\n');
    session.close();
    await session.closed;
  });

  test('and that is not the guest gets nothing', async () => {
    const input = { ...server.input, hostKey: await text('stranger.pub'), greeting: await greeting() };
    await expect(adapter.connect(input)).rejects.toMatchObject({ code: 'KATAVM_HOST_KEY_MISMATCH' });
  });
});

describe('what is not the guest gets nothing', () => {
  test('another host key of the same type', async () => {
    const other = await startServer(); // nobody has logged in to it before
    const hostKey = await readFile(join(other.folder, 'stranger.pub'), 'utf8');
    await expect(adapter.connect({ ...other.input, hostKey })).rejects.toMatchObject({
      code: 'KATAVM_HOST_KEY_MISMATCH',
      details: { expected: expect.stringMatching(/^SHA256:/), found: expect.stringMatching(/^SHA256:/) },
    });
    expect(await other.log()).not.toContain('Accepted publickey');
    await other.stop();
  });

  test('a server that has only keys of other types', async () => {
    await exec('ssh-keygen', ['-q', '-t', 'rsa', '-N', '', '-f', file('rsa')]);
    await expect(adapter.connect({ ...server.input, hostKey: await text('rsa.pub') })).rejects.toMatchObject({
      code: 'KATAVM_HOST_KEY_MISMATCH',
    });
  });

  test.each(['', 'ssh-ed25519', 'ssh-ed25519 AAAA', 'constructor AAAA', '* AAAAC3NzaC1lZDI1NTE5'])(
    'a host key that is none: "%s"',
    async (hostKey) => {
      await expect(adapter.connect({ ...server.input, hostKey })).rejects.toMatchObject({ code: 'KATAVM_HOST_KEY_INVALID' });
    },
  );
});

describe('a guest that does not let this user in', () => {
  test('because the key is another', async () => {
    await expect(adapter.connect({ ...server.input, privateKeyPath: file('stranger') })).rejects.toMatchObject({
      code: 'KATAVM_SSH_REFUSED',
      message: expect.stringContaining(file('stranger')),
    });
  });

  test('because there is no such user', async () => {
    await expect(adapter.connect({ ...server.input, user: 'nobody-of-that-name' })).rejects.toMatchObject({
      code: 'KATAVM_SSH_REFUSED',
    });
  });

  test('because the key cannot be used: absent, public, none, or with a passphrase', async () => {
    await exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', file('locked')]);
    for (const name of ['absent', 'client.pub', 'config', 'locked']) {
      await expect(adapter.connect({ ...server.input, privateKeyPath: file(name) })).rejects.toMatchObject({
        code: 'KATAVM_SSH_KEY_UNUSABLE',
      });
    }
  });
});

describe('a guest that cannot be reached', () => {
  const listener = createServer((socket) => void socket.on('error', () => {}).resume());
  let port = 0;
  beforeAll(async () => {
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    port = typeof address === 'object' && address ? address.port : 0;
  });
  const connectTo = (more: { timeoutMilliseconds?: number; signal?: AbortSignal } = {}) =>
    adapter.connect({ ...server.input, address: { host: '127.0.0.1', port }, ...more });

  test('accepts and says nothing until the time is over', async () => {
    await expect(connectTo({ timeoutMilliseconds: 300 })).rejects.toMatchObject({
      code: 'KATAVM_GUEST_UNREACHABLE',
      exitCode: 5,
    });
  });

  test('is left alone when the caller cancels', async () => {
    const signal = AbortSignal.timeout(50);
    const controller = new AbortController();
    signal.addEventListener('abort', () => controller.abort());
    await expect(connectTo({ signal: controller.signal })).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED' });
  });

  test('speaks something that is not SSH, hangs up, or does not listen', async () => {
    listener.once('connection', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(connectTo()).rejects.toMatchObject({ code: 'KATAVM_GUEST_UNREACHABLE' });
    listener.once('connection', (socket) => socket.destroy());
    await expect(connectTo()).rejects.toMatchObject({ code: 'KATAVM_GUEST_UNREACHABLE' });
    await new Promise((resolve) => listener.close(resolve));
    await expect(connectTo()).rejects.toMatchObject({
      code: 'KATAVM_GUEST_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});

test('a guest that stops answering is noticed, and the command that ran in it is told as lost', async () => {
  // A sixtieth of the real interval; still longer than a loaded host takes to answer.
  const session = sessionOf(await openConnection(server.input, { keepaliveInterval: 250, keepaliveCountMax: 8 }));
  const pid = Number((await session.run('echo $PPID')).stdout);
  const running = session.run(lasting);
  process.kill(pid, 'SIGSTOP');
  try {
    await expect(running).rejects.toMatchObject({ code: 'KATAVM_GUEST_LOST', message: expect.stringMatching(/keepalive/i) });
    await session.closed;
  } finally {
    process.kill(pid, 'SIGKILL');
  }
});

test('after the connection has ended, every call says that the guest is lost', async () => {
  const session = await adapter.connect(server.input);
  session.close();
  await session.closed;
  await expect(session.run('true')).rejects.toMatchObject({ code: 'KATAVM_GUEST_LOST' });
  await expect(session.putFile({ source: Buffer.from('x'), target: `${server.home}/x` })).rejects.toMatchObject({
    code: 'KATAVM_GUEST_LOST',
  });
});
