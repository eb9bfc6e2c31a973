import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start, waitFor } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from './sshd.js';
import { countingSink, numbers, randomBytesOf, seed } from './streams.js';

const MiB = 2 ** 20;
/** SSH's window (2 MiB) here and there, sshd's buffers, pipes and sockets. */
const mostUnderWay = 16 * MiB;

// Descriptors are a process's own: here they are the real pipes of one. It reads the first bytes itself, where it is told to.
const program = `
import { once } from 'node:events';
import { connect } from '@katavm/ssh-agent-runner';
const { input, command, first, signal } = JSON.parse(process.env.KATAVM_TEST_INPUT);
const { stdin, stdout, stderr } = process;
const session = await connect(input);
let alreadyRead;
if (first) {
  [alreadyRead] = await once(stdin, 'data');
  stdin.destroy();
}
const interrupt = new AbortController();
let running;
process.on('SIGTERM', () => interrupt.abort());
process.on('SIGUSR2', () => running.sendSignal('TERM'));
const options = { stdin, stdout, stderr, descriptors: { stdin: 0, stdout: 1, alreadyRead }, signal: interrupt.signal };
running = await session.pipe(command, options).catch((error) => {
  stderr.write(error.code);
  process.exit(98);
});
void running.traffic.inputEnded.then(() => stderr.write('input ended; '));
const end = await running.ended.catch((error) => ({ exitCode: 99, code: error.code ?? error.name }));
stderr.write(JSON.stringify(end));
session.close();
process.exitCode = end.exitCode;
`;

const cwd = fileURLToPath(new URL('..', import.meta.url));

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

/** The built package, as a program of its own would use it. */
function pipeProgram(
  command: string,
  { first = false, input = server.input, path = process.env['PATH'], under = [] as string[] } = {},
) {
  const env = { KATAVM_TEST_INPUT: JSON.stringify({ input, command, first }), PATH: path };
  const [outermost = '', ...args] = [...under, process.execPath, '--input-type=module', '-e', program];
  const running = start(outermost, args, { env, cwd, detached: true });
  let said = '';
  running.stderr.on('data', (text) => {
    said += text;
  });
  return Object.assign(running, {
    said: () => said,
    /** Until stderr holds this. */
    async told(text: string) {
      while (!said.includes(text)) await Promise.race([once(running.stderr, 'data'), running.ended]);
    },
  });
}

async function outcomeOf(running: ReturnType<typeof pipeProgram>) {
  const stdout = countingSink();
  running.stdout.pipe(stdout);
  const { exitCode } = await running.ended;
  return { exitCode, stdout, said: running.said() };
}

describe('bytes', () => {
  test.each([false, true])(`50 MB each way at once arrive whole, read of before: %s (seed ${seed})`, async (first) => {
    const running = pipeProgram('cat', { first });
    const stdin = randomBytesOf(50 * MiB);
    stdin.pipe(running.stdin);
    const { exitCode, stdout } = await outcomeOf(running);
    expect(exitCode, running.said()).toBe(0);
    expect(stdout.received()).toBe(50 * MiB);
    expect(stdout.digest()).toBe(stdin.digest());
  });

  test('stderr comes byte for byte, also where it looks like the beginning of a mark', async () => {
    const running = pipeProgram(
      `printf '\\000katavm x'; printf 'a\\000katavm b\\000\\000' >&2; head -c 3000000 /dev/zero >&2; exit 3`,
    );
    running.stdin.end();
    const { exitCode, stdout, said } = await outcomeOf(running);
    expect(exitCode).toBe(3);
    expect(stdout.bytes().toString()).toBe('\0katavm x');
    expect(said).toBe(`a\0katavm b\0\0${'\0'.repeat(3_000_000)}{"exitCode":3}`);
  });
});

describe('half-close', () => {
  test.each([false, true])('the end of stdin reaches the command while its output goes on, read of before: %s', async (first) => {
    const running = pipeProgram('wc -c; head -c 5000000 /dev/zero; exit 6', { first });
    running.stdin.end('12345');
    const { exitCode, stdout } = await outcomeOf(running);
    expect(exitCode, running.said()).toBe(6);
    expect(stdout.received()).toBe(5_000_002);
    if (first) expect(running.said()).toContain('input ended');
  });

  test('a process whose stdin stays open exits when its command has ended, with every byte written', async () => {
    const { exitCode, stdout } = await outcomeOf(pipeProgram('head -c 3000000 /dev/zero; exit 4'));
    expect(exitCode).toBe(4);
    expect(stdout.received()).toBe(3_000_000);
  });
});

test('a reader that does not read stops the command', async () => {
  const running = pipeProgram(`head -c 104857600 /dev/zero | tee ${server.home}/written; echo >&2`);
  running.stdout.pause();
  const look = pipeProgram(
    `until [ "$before" = "$(stat -c %s ${server.home}/written)" ] && [ "$before" -gt 0 ]; do before=$(stat -c %s ${server.home}/written 2>&-); sleep 0.5; done; echo $before`,
  );
  const written = Number((await outcomeOf(look)).stdout.bytes().toString());
  expect(written).toBeLessThan(mostUnderWay);
  const { exitCode, stdout } = await outcomeOf(running);
  expect(exitCode).toBe(0);
  expect(stdout.received()).toBe(100 * MiB);
});

describe('how a command ends', () => {
  test.each([
    ['exit 0', 0],
    ['exit 125', 125],
    ['exit 255', 255],
    ['kill -TERM $$', 143],
    ['kill -KILL $$', 137],
    ['kill -INT $$', 130],
    ['exec true', 0],
    ['echo "unterminated', 2],
  ])('%s', async (command, code) => {
    const running = pipeProgram(command);
    expect((await outcomeOf(running)).exitCode, running.said()).toBe(code);
  });

  test('a signal that is sent reaches the command, which decides how it ends', async () => {
    const running = pipeProgram('trap "exit 9" TERM; echo ready >&2; while :; do sleep 0.02; done');
    await running.told('ready');
    process.kill(running.pid, 'SIGUSR2');
    expect((await outcomeOf(running)).exitCode).toBe(9);
  });

  test('cancelling ends the call and the command', async () => {
    const running = pipeProgram(`echo $$ >${server.home}/pid; echo ready >&2; exec sleep 600`);
    await running.told('ready');
    process.kill(running.pid, 'SIGTERM');
    expect((await outcomeOf(running)).said).toContain('KATAVM_INTERRUPTED');
    const gone = pipeProgram(`while kill -0 $(cat ${server.home}/pid) 2>&-; do sleep 0.05; done`);
    expect((await outcomeOf(gone)).exitCode).toBe(0);
  });

  test('a reader of stdout that has gone ends the command, as in a shell pipeline', async () => {
    const running = pipeProgram('yes');
    await once(running.stdout, 'data');
    running.stdout.destroy();
    expect((await running.ended).exitCode).toBe(141);
  });

  test.each([
    ['the client', 'ssh'],
    ['the guest', 'sshd'],
  ])('a connection that ends on the side of %s is told as lost, whatever the command would have said', async (_name, program) => {
    const running = pipeProgram('cut -d " " -f 4 /proc/$PPID/stat >&2; echo ready >&2; exec cat');
    await running.told('ready');
    const sshd = Number(running.said().trim().split('\n')[0]);
    process.kill(program === 'sshd' ? sshd : childOf(running.pid), 'SIGKILL');
    expect((await outcomeOf(running)).said).toContain('KATAVM_GUEST_LOST');
  });

  const next = numbers(seed);
  const moments = Array.from({ length: 4 }, () => next(20 * MiB));
  test.each(moments)(
    `a guest that dies after %i bytes is told as lost, and every byte before that was right (seed ${seed})`,
    async (moment) => {
      const running = pipeProgram('cut -d " " -f 4 /proc/$PPID/stat >&2; echo ready >&2; exec cat');
      await running.told('ready');
      const sshd = Number(running.said().trim().split('\n')[0]);
      let killed = false;
      const stdout = countingSink({
        onChunk: (received) => {
          if (received > moment && !killed) process.kill(sshd, 'SIGKILL');
          killed ||= received > moment;
        },
      });
      running.stdout.pipe(stdout);
      randomBytesOf(40 * MiB).pipe(running.stdin);
      await running.ended;
      expect(running.said()).toContain('KATAVM_GUEST_LOST');
      expect(stdout.received()).toBeLessThan(40 * MiB);
      const same = countingSink();
      await new Promise((resolve) => randomBytesOf(stdout.received()).pipe(same).once('finish', resolve));
      expect(stdout.digest()).toBe(same.digest());
    },
  );

  test('SIGKILL of this process ends its client and what feeds it', async () => {
    const running = pipeProgram(`echo ready >&2; exec cat`, { first: true });
    running.stdin.write('x');
    await running.told('ready');
    const children = childrenOf(running.pid).flatMap((child) => [child, ...childrenOf(child)]);
    expect(children).toHaveLength(2);
    process.kill(running.pid, 'SIGKILL');
    await waitFor({
      name: 'the end of the children',
      probe: async () => children.every((child) => !lives(child)) || undefined,
      timeoutMilliseconds: 20_000,
      hint: '',
    });
  });
});

test("where this host's own ssh fails, that is told, and the guest is not taken for lost", async () => {
  const folder = join(server.folder, 'bin');
  await mkdir(folder);
  await writeFile(join(folder, 'ssh'), '#!/bin/sh\n[ "$1" = -V ] || exit 255\n', { mode: 0o755 });
  const { said } = await outcomeOf(pipeProgram('true', { path: `${folder}:${process.env['PATH']}` }));
  expect(said).toContain('KATAVM_SSH_CLIENT_FAILED');

  await rm(join(folder, 'ssh'));
  for (const name of ['sh', 'setpriv']) await symlink(`/usr/bin/${name}`, join(folder, name));
  expect((await outcomeOf(pipeProgram('true', { path: folder }))).said).toContain('KATAVM_COMMAND_MISSING');
});

test('a server that is not the guest gets nothing, since the session before it has its key', async () => {
  const other = await startServer();
  const input = { ...server.input, address: other.address };
  const running = pipeProgram('true', { input });
  running.stdin.end();
  const { exitCode, said } = await outcomeOf(running);
  expect(exitCode).not.toBe(0);
  expect(said).toContain('KATAVM_HOST_KEY_MISMATCH');
  expect(await other.log()).not.toContain('Accepted');
  await other.stop();
});

/** Root may leave SCHED_IDLE. */
const asOthers = process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-sys_nice'] : [];

test.each([
  ['takes no processor from the guest when it is woken', [], 3],
  ['goes without where that is not to be had, as from SCHED_IDLE', ['chrt', '--idle', '0', ...asOthers], 5],
])('the client %s', async (_name, under, policy) => {
  const running = pipeProgram('echo ready >&2; exec sleep 600', { under });
  await running.told('ready');
  expect(policyOf(childOf(running.pid))).toBe(policy);
  process.kill(running.pid, 'SIGTERM');
  await running.ended;
});

/** SCHED_BATCH is 3, SCHED_IDLE is 5 (sched(7)). */
function policyOf(pid: number): number {
  // Of the fields after the name, which may hold anything, the 39th (proc(5)).
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[38]);
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
}

/** OpenSSH's client: the one child of a program whose stdin was not read before. */
function childOf(pid: number): number {
  const [child = 0] = childrenOf(pid);
  return child;
}

function lives(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
