import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { ignoreEvents, type KatavmEvent } from '@katavm/core';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { adapter } from '../src/index.js';

// Listeners that behave as QEMU's user networking does before and after the guest's sshd comes up.
const servers: Server[] = [];
const open = new Set<Socket>();
let most = 0;
afterEach(async () => {
  expect(open.size).toBe(0);
  most = 0;
  await Promise.all(servers.splice(0).map(close));
});

function close(server: Server | undefined): Promise<void> {
  return new Promise((resolve) => (server?.listening ? server.close(() => resolve()) : resolve()));
}

async function listen(onConnection: (socket: Socket, count: number) => void, port = 0): Promise<number> {
  let count = 0;
  const server = createServer((socket) => {
    open.add(socket);
    most = Math.max(most, open.size);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    onConnection(socket, ++count);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** By a connection of this test's own. */
async function reached(port: number): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'data');
  socket.destroy();
}

const closedByServer = () =>
  new Promise<void>((resolve) => {
    const look = () => (open.size === 0 ? resolve() : setImmediate(look));
    look();
  });

const wait = (
  port: number,
  {
    closedPort,
    ...more
  }: {
    closedPort?: number;
    emulated?: boolean;
    networkUp?: Promise<void>;
    timeoutMilliseconds?: number;
    signal?: AbortSignal;
    emit?: (event: KatavmEvent) => void;
  } = {},
) =>
  adapter.waitForBanner({
    address: { host: '127.0.0.1', port },
    closedPort: closedPort === undefined ? undefined : { host: '127.0.0.1', port: closedPort },
    timeoutMilliseconds: 20_000,
    hint: 'look',
    emit: ignoreEvents,
    ...more,
  });

test('a listener that accepts and says nothing is not taken for a guest: the first one that speaks is', async () => {
  const port = await listen((socket, count) => {
    if (count === 4) socket.write('SSH-2.0-late\r\n');
  });
  const events: KatavmEvent[] = [];
  expect(await wait(port, { emit: (event) => events.push(event) })).toBe('SSH-2.0-late');
  expect(events).toMatchObject([
    { state: 'waiting', requirement: `the SSH banner on 127.0.0.1:${port}` },
    { state: 'ready', requirement: `the SSH banner on 127.0.0.1:${port}` },
  ]);
  await closedByServer();
});

test('a connection that is closed at once, or refused, is tried again until the guest listens', async () => {
  const port = await listen((socket, count) => {
    if (count < 30) socket.destroy();
    else socket.write('some notice\r\nSSH-2.0-here\r\n');
  });
  expect(await wait(port)).toBe('SSH-2.0-here');
  await closedByServer();
  await close(servers.pop());
  const [banner] = await Promise.all([wait(port), listen((socket) => socket.write('SSH-2.0-again\n'), port)]);
  expect(banner).toBe('SSH-2.0-again');
  await closedByServer();
});

test('a guest that refused and now is slow to speak is left to it: no second connection takes its processor', async () => {
  const port = await listen((socket, count) => {
    if (count < 5) socket.destroy();
    else setTimeout(() => socket.write('SSH-2.0-slow\r\n'), 700);
  });
  expect(await wait(port)).toBe('SSH-2.0-slow');
  expect(most).toBeLessThanOrEqual(2);
  await closedByServer();
});

test('a guest of which nothing was heard is asked at its closed port alone, and at its SSH server once it has refused there', async () => {
  const said: string[] = [];
  const closedPort = await listen((socket, count) => {
    said.push('knock');
    if (count === 5) socket.destroy();
  });
  const port = await listen((socket) => {
    said.push('call');
    socket.write('SSH-2.0-woken\r\n');
  });
  expect(await wait(port, { closedPort })).toBe('SSH-2.0-woken');
  expect(said).toEqual([...Array.from({ length: 5 }, () => 'knock'), 'call']);
  await closedByServer();
});

test('a guest whose network card is not up yet is left alone until it is', async () => {
  const said: string[] = [];
  const closedPort = await listen((socket) => {
    said.push('knock');
    socket.destroy();
  });
  const port = await listen((socket) => {
    said.push('call');
    socket.write('SSH-2.0-up\r\n');
  });
  let isUp = () => {};
  const networkUp = new Promise<void>((resolve) => {
    isUp = resolve;
  }).then(() => void said.push('up'));
  const banner = wait(port, { closedPort, networkUp });
  // Whoever connects first is served first: a knock of before would have been heard.
  await reached(port);
  isUp();
  expect(await banner).toBe('SSH-2.0-up');
  expect(said).toEqual(['call', 'up', 'knock', 'call']);
  await closedByServer();
});

test('a guest that never tells that its network card is up is found all the same', async () => {
  const closedPort = await listen((socket) => socket.destroy());
  const port = await listen((socket) => socket.write('SSH-2.0-dumb\r\n'));
  expect(await wait(port, { closedPort, networkUp: new Promise(() => {}) })).toBe('SSH-2.0-dumb');
  await closedByServer();
});

test('a host that refuses because its forward is not there yet is not taken for a guest that refuses', async () => {
  const said: string[] = [];
  const closedPort = await listen(() => {});
  await close(servers.pop());
  const port = await listen((socket) => {
    said.push('call');
    socket.write('SSH-2.0-there\r\n');
  });
  const knocked = (socket: Socket) => {
    said.push('knock');
    socket.destroy();
  };
  const [banner] = await Promise.all([wait(port, { closedPort }), listen(knocked, closedPort)]);
  expect({ banner, said }).toEqual({ banner: 'SSH-2.0-there', said: ['knock', 'call'] });
  await closedByServer();
});

test('a host that refuses for long, as where the guest has died, leaves nothing waiting: Node would warn of it on stderr', async () => {
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  const port = await listen(() => {});
  await close(servers.pop());
  await expect(wait(port, { timeoutMilliseconds: 1500 })).rejects.toMatchObject({ code: 'KATAVM_WAIT_TIMED_OUT' });
  await new Promise(setImmediate); // Node warns in a turn of its own
  expect(warnings).toEqual([]);
});

test('a guest whose firewall lets nothing through but SSH is found all the same', async () => {
  const closedPort = await listen(() => {});
  const port = await listen((socket) => socket.write('SSH-2.0-walled\r\n'));
  expect(await wait(port, { closedPort })).toBe('SSH-2.0-walled');
  await closedByServer();
});

test('an emulated guest is not expected so soon: its SSH server is left alone while it boots', async () => {
  const said: string[] = [];
  const closedPort = await listen(() => {});
  const port = await listen(() => said.push('call'));
  const silent = { code: 'KATAVM_WAIT_TIMED_OUT' };
  await expect(wait(port, { closedPort, emulated: true, timeoutMilliseconds: 6000 })).rejects.toMatchObject(silent);
  expect(said).toEqual([]);
  await closedByServer();
});

test('a banner that comes in pieces is a banner, and a flood of anything else is not', async () => {
  const port = await listen((socket, count) => {
    if (count === 1) return void socket.write('x'.repeat(100_000));
    for (const piece of ['SS', 'H-2.0', '-slow', '\r', '\n']) socket.write(piece);
  });
  expect(await wait(port)).toBe('SSH-2.0-slow');
  await closedByServer();
});

test('a guest that never speaks is given up at the deadline, with what to look at, and never more than six connections', async () => {
  const port = await listen(() => {});
  await expect(wait(port, { timeoutMilliseconds: 1500 })).rejects.toMatchObject({
    code: 'KATAVM_WAIT_TIMED_OUT',
    hint: 'look',
    exitCode: 5,
    message: expect.stringContaining(`the SSH banner on 127.0.0.1:${port}`),
  });
  expect(most).toBe(6);
  await closedByServer();
});

test('cancelling ends the wait and every connection', async () => {
  const controller = new AbortController();
  const port = await listen((_, count) => {
    if (count === 3) controller.abort();
  });
  await expect(wait(port, { signal: controller.signal })).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED' });
  await closedByServer();
});
