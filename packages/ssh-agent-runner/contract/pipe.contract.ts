import { PassThrough, Readable, Writable } from 'node:stream';
import { waitFor } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { adapter, type GuestSession } from '../src/index.js';
import { startServer, type TestServer } from './sshd.js';
import { countingSink, nothing, numbers, randomBytesOf, seed } from './streams.js';

const MiB = 2 ** 20;
/** What can be under way on a stopped stream: SSH's window here and there (2 MiB each), sshd's buffers, pipes and sockets. */
const mostUnderWay = 16 * MiB;

let server: TestServer;
let session: GuestSession;
beforeAll(async () => {
  server = await startServer();
  session = await adapter.connect(server.input);
});
afterAll(async () => {
  session?.close();
  await server?.stop();
});

async function piped(
  command: string,
  stdin: Readable = nothing(),
  stdout: Writable = countingSink(),
  stderr: Writable = countingSink(),
) {
  const running = await session.pipe(command, { stdin, stdout, stderr });
  return await running.ended;
}

/** A value of the guest or of this process that has stopped changing between two looks, with a round trip between them. */
async function settled(look: () => Promise<number> | number): Promise<number> {
  let before = -1;
  return await waitFor({
    name: 'the stream to stop',
    timeoutMilliseconds: 60_000,
    hint: 'back-pressure is not held',
    everyMilliseconds: 200,
    probe: async () => {
      const now = await look();
      const same = now === before && now > 0;
      before = now;
      return same ? now : undefined;
    },
  });
}

describe('bytes', () => {
  test('all 256 values come back as they were sent', async () => {
    const every = Buffer.from(Array.from({ length: 256 * 256 }, (_, index) => (index % 2 ? index >> 8 : index) & 0xff));
    const stdout = countingSink();
    const stderr = countingSink();
    await piped('tee /dev/stderr', Readable.from([every]), stdout, stderr);
    expect(stdout.bytes().equals(every)).toBe(true);
    expect(stderr.bytes().equals(every)).toBe(true);
  });

  test(`100 MB each way at once arrive whole (seed ${seed})`, async () => {
    const stdin = randomBytesOf(100 * MiB);
    const stdout = countingSink();
    expect(await piped('cat', stdin, stdout)).toEqual({ exitCode: 0, signal: undefined });
    expect(stdout.received()).toBe(100 * MiB);
    expect(stdout.digest()).toBe(stdin.digest());
  });

  test(`2,000 small messages go there and back on one command (seed ${seed})`, async () => {
    const next = numbers(seed);
    const stdin = new PassThrough();
    const stdout = new PassThrough();
    const running = await session.pipe('cat', { stdin, stdout, stderr: countingSink() });
    for (let count = 0; count < 2000; count++) {
      const message = Buffer.from(Array.from({ length: 1 + next(64) }, () => next(256)));
      stdin.write(message);
      let answer = Buffer.alloc(0);
      while (answer.length < message.length) {
        const chunk = stdout.read() as Buffer | null;
        if (chunk) answer = Buffer.concat([answer, chunk]);
        else await new Promise((resolve) => stdout.once('readable', resolve));
      }
      if (!answer.equals(message)) throw new Error(`message ${count} came back as another`);
    }
    stdin.end();
    expect((await running.ended).exitCode).toBe(0);
  });

  test('the end of a command is told only after a slow reader has taken everything', async () => {
    let taken = 0;
    const slow = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, callback) =>
        void setImmediate(() => {
          taken += chunk.length;
          callback();
        }),
    });
    expect((await piped('head -c 3000000 /dev/zero; exit 4', nothing(), slow)).exitCode).toBe(4);
    expect(taken).toBe(3_000_000);
    expect(slow.writableEnded || slow.destroyed).toBe(false);
  });
});

describe('half-close', () => {
  test('the end of stdin reaches the command while its output goes on', async () => {
    const stdout = countingSink();
    const end = await piped('wc -c; head -c 5000000 /dev/zero; exit 6', randomBytesOf(1234), stdout);
    expect(end.exitCode).toBe(6);
    expect(stdout.received()).toBe(5_000_005);
  });

  test('a stdin that had ended before is the end of input', async () => {
    const ended = new PassThrough().end();
    ended.resume();
    await new Promise((resolve) => ended.once('close', resolve));
    expect((await piped('cat', ended)).exitCode).toBe(0);
  });

  test('a command that closes its stdout still gets all of its stdin', async () => {
    const stderr = countingSink();
    const stdin = randomBytesOf(20 * MiB);
    expect((await piped('exec 1>&-; sha256sum >&2; exit 7', stdin, countingSink(), stderr)).exitCode).toBe(7);
    expect(stderr.bytes().toString()).toContain(stdin.digest());
  });

  test('a command that closes its stdin still gives all of its output', async () => {
    const stdout = countingSink();
    const stdin = randomBytesOf(20 * MiB);
    expect((await piped('exec 0<&-; head -c 20971520 /dev/zero', stdin, stdout)).exitCode).toBe(0);
    expect(stdout.received()).toBe(20 * MiB);
  });

  test('a command that ends while stdin still flows has ended, and stdin is let go: paused, whole, without listeners', async () => {
    const stdin = randomBytesOf(200 * MiB);
    const stdout = countingSink();
    expect((await piped('head -c 10', stdin, stdout)).exitCode).toBe(0);
    expect(stdout.received()).toBe(10);
    expect(stdin.isPaused()).toBe(true);
    expect(stdin.destroyed).toBe(false);
    expect(['data', 'end', 'error', 'close'].map((event) => stdin.listenerCount(event))).toEqual([0, 0, 0, 0]);
    expect(stdin.taken()).toBeLessThan(mostUnderWay);
  });
});

describe('back-pressure', () => {
  test.each([
    ['stdout', 'head -c 104857600 /dev/zero'],
    ['stdout, while stderr is read', 'for n in $(seq 1600); do head -c 65536 /dev/zero; echo "$n" >&2; done'],
  ])('a reader that does not read %s stops the command, and little is held here', async (_name, command) => {
    let release = () => {};
    const open = new Promise<void>((resolve) => {
      release = resolve;
    });
    const stdout = countingSink({ before: () => open });
    const stderr = countingSink();
    const before = process.memoryUsage().rss;
    const running = await session.pipe(`${command} | tee ${server.home}/written`, { stdin: nothing(), stdout, stderr });
    const written = await settled(async () => Number((await session.run(`stat -c %s ${server.home}/written`)).stdout));
    expect(written).toBeLessThan(mostUnderWay);
    expect(stdout.writableLength).toBeLessThanOrEqual(2 * MiB);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MiB);
    release();
    expect((await running.ended).exitCode).toBe(0);
    expect(stdout.received()).toBe(100 * MiB);
  });

  test('a command that does not read its stdin stops the source, and gets the rest later', async () => {
    const stdin = randomBytesOf(100 * MiB);
    const stdout = countingSink();
    const go = `${server.home}/go`;
    const running = await session.pipe(`until [ -e ${go} ]; do sleep 0.05; done; sha256sum`, {
      stdin,
      stdout,
      stderr: countingSink(),
    });
    expect(await settled(async () => ((await session.run('true')).exitCode === 0 ? stdin.taken() : 0))).toBeLessThan(
      mostUnderWay,
    );
    await session.run(`touch ${go}`);
    expect((await running.ended).exitCode).toBe(0);
    expect(stdout.bytes().toString()).toContain(stdin.digest());
  });
});

describe('how a command ends', () => {
  test.each([0, 1, 2, 125, 126, 127, 255])('exit code %i passes through', async (code) => {
    expect(await piped(`exit ${code}`)).toEqual({ exitCode: code, signal: undefined });
  });

  test.each([
    ['TERM', 143],
    ['KILL', 137],
    ['INT', 130],
    ['SEGV', 139],
  ])('death by %s is 128 and its number', async (signal, exitCode) => {
    expect(await piped(`kill -${signal} $$`)).toEqual({ exitCode, signal });
  });

  test('a signal that is sent reaches the command, also after the end of its stdin', async () => {
    const stdout = countingSink({ onChunk: () => running.then((command) => command.sendSignal('TERM')) });
    const running = session.pipe('trap "exit 9" TERM; echo ready; while :; do sleep 0.02; done', {
      stdin: nothing(),
      stdout,
      stderr: countingSink(),
    });
    expect((await (await running).ended).exitCode).toBe(9);
  });

  test('cancelling ends the command and the call, and the connection lives on', async () => {
    const controller = new AbortController();
    const stdout = countingSink({ onChunk: () => controller.abort() });
    const command = `echo $$ > ${server.home}/pid; echo ready; exec sleep 600`;
    const running = await session.pipe(command, {
      stdin: new PassThrough(),
      stdout,
      stderr: countingSink(),
      signal: controller.signal,
    });
    await expect(running.ended).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED' });
    const gone = `until ! kill -0 $(cat ${server.home}/pid) 2>&-; do sleep 0.02; done`;
    expect((await session.run(gone, { timeoutMilliseconds: 20_000 })).exitCode).toBe(0);
  });

  test('a reader of stdout that has gone ends the command, as in a shell pipeline', async () => {
    const stdout = new Writable({
      write: (_chunk, _encoding, callback) => callback(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    expect(await piped('yes', nothing(), stdout)).toEqual({ exitCode: 141, signal: 'PIPE' });
  });

  test('a stdout that cannot be written is an error, not a success', async () => {
    const stdout = new Writable({
      write: (_chunk, _encoding, callback) =>
        callback(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })),
    });
    await expect(piped('yes', nothing(), stdout)).rejects.toMatchObject({
      code: 'KATAVM_OUTPUT_NOT_WRITTEN',
      message: expect.stringContaining('ENOSPC'),
    });
  });

  test('a reader of stderr that has gone does not end the command', async () => {
    const stderr = new Writable({
      write: (_chunk, _encoding, callback) => callback(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
    });
    expect((await piped('head -c 5000000 /dev/zero >&2; exit 3', nothing(), countingSink(), stderr)).exitCode).toBe(3);
  });

  test('an eleventh command at once is refused by sshd, and the ten others go on', async () => {
    // A connection of its own: sshd frees an ended command's place at its next turn, and may read of ten others before that.
    const own = await adapter.connect(server.input);
    onTestFinished(() => own.close());
    const stdins = Array.from({ length: 10 }, () => new PassThrough());
    const ten = await Promise.all(
      stdins.map((stdin) => own.pipe('cat', { stdin, stdout: countingSink(), stderr: countingSink() })),
    );
    await expect(own.run('true')).rejects.toMatchObject({ code: 'KATAVM_SSH_CHANNEL_REFUSED' });
    for (const stdin of stdins) stdin.end();
    expect((await Promise.all(ten.map((one) => one.ended))).map((end) => end.exitCode)).toEqual(Array(10).fill(0));
  });
});
