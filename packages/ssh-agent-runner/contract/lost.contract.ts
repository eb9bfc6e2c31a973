import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adapter } from '../src/index.js';
import { lasting, startServer, type TestServer } from './sshd.js';
import { countingSink, numbers, randomBytesOf, seed } from './streams.js';

const MiB = 2 ** 20;
let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const moments = (() => {
  const next = numbers(seed);
  return Array.from({ length: 8 }, () => next(20 * MiB));
})();

/** A connection, and the way to end it as a crash does. */
async function mortalSession() {
  const session = await adapter.connect(server.input);
  const pid = Number((await session.run('echo $PPID')).stdout);
  return { session, kill: () => process.kill(pid, 'SIGKILL') };
}

test.each(moments)(
  `a guest that dies after %i bytes is told as lost, and every byte before that was right (seed ${seed})`,
  async (moment) => {
    const { session, kill } = await mortalSession();
    const stdin = randomBytesOf(40 * MiB);
    let killed = false;
    const stdout = countingSink({
      onChunk: (received) => {
        if (received > moment && !killed) kill();
        killed ||= received > moment;
      },
    });
    const running = await session.pipe('cat', { stdin, stdout, stderr: countingSink() });
    await expect(running.ended).rejects.toMatchObject({ code: 'KATAVM_GUEST_LOST', hint: expect.stringContaining('console') });
    await session.closed;
    expect(stdout.received()).toBeLessThan(40 * MiB);
    const same = countingSink();
    const prefix = randomBytesOf(stdout.received());
    await new Promise((resolve) => prefix.pipe(same).once('finish', resolve));
    expect(stdout.digest()).toBe(same.digest());
    expect(stdin.listenerCount('data')).toBe(0);
  },
);

test('a guest that dies while a command is silent, a file is put, or a shell is open is told as lost', async () => {
  const silent = await mortalSession();
  const running = silent.session.run(lasting);
  const login = silent.session.login({ stdin: new PassThrough(), stdout: countingSink({ onChunk: () => silent.kill() }) });
  await expect(login).rejects.toMatchObject({ code: 'KATAVM_GUEST_LOST' });
  await expect(running).rejects.toMatchObject({ code: 'KATAVM_GUEST_LOST' });

  const putting = await mortalSession();
  const put = putting.session.putFile({ source: Buffer.alloc(64 * MiB), target: `${server.home}/big` });
  putting.kill();
  await expect(put).rejects.toMatchObject({ code: 'KATAVM_GUEST_LOST' });
});
