import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { start } from '@katavm/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from './sshd.js';

// A process's own stdin, stdout and stderr are other streams than a test can make: here they are real pipes.
const program = `
import { connect } from '@katavm/ssh-agent-runner';
const [input, command] = JSON.parse(process.env.KATAVM_TEST_INPUT);
const session = await connect(input);
const { stdin, stdout, stderr } = process;
const running = await session.pipe(command, { stdin, stdout, stderr });
const { exitCode } = await running.ended;
session.close();
process.exitCode = exitCode;
`;

/** Where the package's own name leads to its build. */
const cwd = fileURLToPath(new URL('..', import.meta.url));

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

/** The built package, as a program of its own would use it. */
function runProgram(command: string) {
  const env = { KATAVM_TEST_INPUT: JSON.stringify([server.input, command]) };
  return start(process.execPath, ['--input-type=module', '-e', program], { env, cwd });
}

test('a process whose stdin stays open exits when its command has ended, with every byte written', async () => {
  const running = runProgram('head -c 3000000 /dev/zero; exit 3');
  let received = 0;
  running.stderr.resume();
  running.stdout.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  expect((await running.ended).exitCode).toBe(3);
  expect(received).toBe(3_000_000);
});

test('a process whose reader has gone ends its command and exits as a shell pipeline does, without a crash', async () => {
  const running = runProgram('yes');
  let said = '';
  running.stderr.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  await once(running.stdout, 'data');
  running.stdout.destroy();
  expect(await running.ended).toMatchObject({ exitCode: 141 });
  expect(said).toBe('');
});

test('the SSH library is loaded by the first connection, not before', async () => {
  const script = `
    const { connect } = await import('@katavm/ssh-agent-runner');
    // It is in the bundle; nothing else loads node:zlib.
    const loaded = () => process.moduleLoadList.includes('NativeModule zlib');
    const before = loaded();
    await connect(JSON.parse(process.env.KATAVM_TEST_INPUT)).then((session) => session.close());
    process.stdout.write(before + ' ' + loaded());`;
  const running = start(process.execPath, ['--input-type=module', '-e', script], {
    cwd,
    env: { KATAVM_TEST_INPUT: JSON.stringify(server.input) },
  });
  let said = '';
  running.stderr.resume();
  running.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  expect((await running.ended).exitCode).toBe(0);
  expect(said).toBe('false true');
});
