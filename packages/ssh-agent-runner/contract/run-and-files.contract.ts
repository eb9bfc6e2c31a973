import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adapter, type GuestSession } from '../src/index.js';
import { startServer, type TestServer } from './sshd.js';

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

describe('running a command', () => {
  test('returns what it printed, each stream by itself, and its exit code', async () => {
    expect(await session.run('echo out; echo err >&2; exit 3')).toEqual({
      exitCode: 3,
      signal: undefined,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('gives it the input, whatever its size', async () => {
    const input = randomBytes(5_000_000);
    expect((await session.run('sha256sum', { input })).stdout).toContain(createHash('sha256').update(input).digest('hex'));
    expect((await session.run('cat', { input: 'häßlich' })).stdout).toBe('häßlich');
    expect((await session.run('wc -c')).stdout.trim()).toBe('0');
  });

  test('tells each line as it comes, the last one without its end too', async () => {
    const lines: string[] = [];
    await session.run('printf "one\\r\\ntwo\\n\\nthr"; sleep 0.1; printf "ee\\303"; sleep 0.1; printf "\\244"', {
      onLine: (stream, line) => lines.push(`${stream}: ${line}`),
    });
    expect(lines).toEqual(['stdout: one', 'stdout: two', 'stdout: ', 'stdout: threeä']);
  });

  test('that takes too long is ended in the guest, and what it had said is told', async () => {
    const file = join(server.home, 'slow.pid');
    const slow = session.run(`echo $$ > ${file}; echo working on it; exec sleep 600`, { timeoutMilliseconds: 500 });
    await expect(slow).rejects.toMatchObject({
      code: 'KATAVM_GUEST_COMMAND_TIMED_OUT',
      exitCode: 5,
      message: expect.stringContaining('working on it'),
    });
    const gone = `until ! kill -0 $(cat ${file}) 2>&-; do sleep 0.02; done`;
    expect((await session.run(gone, { timeoutMilliseconds: 20_000 })).exitCode).toBe(0);
  });
});

describe('putting a file', () => {
  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

  test('gives it the mode and exactly the bytes, from a file or from memory, and replaces an older one', async () => {
    const target = join(server.home, "it's a jar");
    const bytes = randomBytes(3_000_001);
    await writeFile(join(server.folder, 'source'), bytes);
    await session.putFile({ source: join(server.folder, 'source'), target, mode: 0o600 });
    expect((await session.run(`cat ${adapter.quoteCommand([target])} | sha256sum`)).stdout).toContain(
      createHash('sha256').update(bytes).digest('hex'),
    );
    expect(await modeOf(target)).toBe(0o600);
    await session.putFile({ source: Buffer.from('second'), target, mode: 0o755 });
    expect(await readFile(target, 'utf8')).toBe('second');
    expect(await modeOf(target)).toBe(0o755);
    await session.putFile({ source: Buffer.alloc(0), target });
    expect(await readFile(target, 'utf8')).toBe('');
    expect(await modeOf(target)).toBe(0o644);
  });

  test('that fails in the guest says so, and leaves what was there', async () => {
    await expect(session.putFile({ source: Buffer.from('x'), target: '/no/such/folder/x' })).rejects.toMatchObject({
      code: 'KATAVM_PUT_FAILED',
    });
    await session.run('mkdir -p folder/kept');
    await expect(session.putFile({ source: Buffer.from('x'), target: `${server.home}/folder` })).rejects.toMatchObject({
      code: 'KATAVM_PUT_FAILED',
    });
    expect((await readdir(server.home)).filter((name) => name.endsWith('.partial'))).toEqual([]);
    expect((await session.run('ls folder')).stdout).toBe('kept\n');
  });

  test('whose source is absent or no file says so', async () => {
    await mkdir(join(server.folder, 'a-folder'), { recursive: true });
    for (const source of [join(server.folder, 'absent'), join(server.folder, 'a-folder')]) {
      await expect(session.putFile({ source, target: `${server.home}/y` })).rejects.toMatchObject({
        code: 'KATAVM_FILE_UNREADABLE',
        message: expect.stringContaining(source),
      });
    }
    expect((await session.run('ls')).stdout).not.toContain('y');
  });

  test('that is cancelled leaves nothing in the guest', async () => {
    const controller = new AbortController();
    const putting = session.putFile({ source: Buffer.alloc(200_000_000), target: `${server.home}/z`, signal: controller.signal });
    setImmediate(() => controller.abort());
    await expect(putting).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED' });
    const leftover = 'until [ -z "$(ls | grep -e partial -e "^z$")" ]; do sleep 0.02; done';
    expect((await session.run(leftover, { timeoutMilliseconds: 20_000 })).exitCode).toBe(0);
  });
});
