import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { exec, start } from '@katavm/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { untilGone } from './processes.js';

describe('a started process', () => {
  it('passes all bytes through, both ways', async () => {
    const sent = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), randomBytes(8_000_000)]);
    const process = start('cat', []);
    process.stdin.end(sent);
    expect(Buffer.compare(await buffer(process.stdout), sent)).toBe(0);
    expect(await process.ended).toEqual({ exitCode: 0, signal: undefined, failure: undefined });
  });

  it('is held back by a reader who is slow', async () => {
    const process = start('cat', ['/dev/zero']);
    const [first] = (await once(process.stdout, 'data')) as [Buffer];
    process.stdout.pause();
    expect(first.length).toBeGreaterThan(0);
    expect(process.stdout.readableLength).toBeLessThanOrEqual(process.stdout.readableHighWaterMark * 2);
    process.kill('SIGKILL');
    process.stdout.resume();
    expect(await process.ended).toMatchObject({ exitCode: undefined, signal: 'SIGKILL' });
  });

  it('is never blocked by output that nobody reads, and that output takes no memory', async () => {
    const running = start('head', ['-c', '200000000', '/dev/zero']);
    const before = process.memoryUsage().external;
    expect((await running.ended).exitCode).toBe(0);
    expect(process.memoryUsage().external - before).toBeLessThan(100_000_000);
  });

  it('may be written to after its end', async () => {
    const process = start('true', []);
    await process.ended;
    process.stdin.write('too late');
    expect((await process.ended).failure).toBeUndefined();
  });

  it('that does not exist is told by its end, and its streams can be used all the same', async () => {
    const process = start('no-such-program', []);
    process.stdin.end('hello');
    expect(await text(process.stdout)).toBe('');
    expect(await process.ended).toMatchObject({ exitCode: undefined, failure: expect.stringContaining('no-such-program') });
  });

  it('as SCHED_BATCH is what it was asked for, with nothing else on its outputs', async () => {
    const running = start('sh', ['-c', 'cut -d " " -f 41 /proc/$$/stat'], { batch: true });
    expect([await text(running.stdout), await text(running.stderr)]).toEqual(['3\n', '']);
    expect(await start('false', [], { batch: true, shielded: true }).ended).toMatchObject({ failure: 'false exited with 1' });
  });

  it('that fails says how', async () => {
    expect(await start('sh', ['-c', 'exit 3']).ended).toMatchObject({ exitCode: 3, failure: 'sh exited with 3' });
  });

  it('ends by its signal, and in a session of its own with all that it started', async () => {
    const abort = new AbortController();
    const process = start('sh', ['-c', 'sleep 600 & echo $!; wait'], { detached: true, signal: abort.signal });
    const [line] = (await once(process.stdout, 'data')) as [Buffer];
    abort.abort();
    expect(await process.ended).toMatchObject({ exitCode: undefined, signal: 'SIGTERM' });
    await untilGone(Number(line));
  });

  it('that is shielded lives until its stdin ends, whoever sends it the signals that end others', async () => {
    const process = start('sh', ['-c', 'echo up; cat'], { shielded: true });
    await once(process.stdout, 'data');
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.kill(signal);
    process.stdin.end('still there');
    expect(await text(process.stdout)).toBe('still there');
    expect(await process.ended).toMatchObject({ exitCode: 0 });
  });

  it('that is shielded ends at once when it is killed or cancelled, with all that it started', async () => {
    const abort = new AbortController();
    const process = start('sh', ['-c', 'sleep 600 & echo $!; wait'], { shielded: true, signal: abort.signal });
    const [line] = (await once(process.stdout, 'data')) as [Buffer];
    abort.abort();
    expect(await process.ended).toMatchObject({ signal: 'SIGKILL' });
    await untilGone(Number(line));
    const other = start('cat', [], { shielded: true });
    other.kill();
    expect(await other.ended).toMatchObject({ signal: 'SIGKILL' });
  });

  it("does not carry Jenkins' cookie, by which Jenkins ends whatever a job started", async () => {
    process.env['HUDSON_COOKIE'] = 'a-job';
    try {
      expect(await text(start('env', []).stdout)).not.toContain('HUDSON_COOKIE');
    } finally {
      delete process.env['HUDSON_COOKIE'];
    }
  });

  describe('whose stdin was read from before', () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'katavm-start-'));
    });
    afterEach(() => rm(folder, { recursive: true }));

    it('gets that first and then the rest, tells when it has ended, and prints no word of a file of its user', async () => {
      await writeFile(join(folder, 'rest'), 'the rest');
      await writeFile(join(folder, '.bashrc'), 'echo a stain\n');
      const file = await open(join(folder, 'rest'));
      // By each of these bash would read a file.
      const env = { HOME: folder, BASH_ENV: join(folder, '.bashrc'), SSH_CLIENT: '127.0.0.1 1 22', SHLVL: '0' };
      const process = start('cat', [], { shielded: true, stdin: file.fd, alreadyRead: Buffer.from('first, '), env });
      expect(await text(process.stdout)).toBe('first, the rest');
      expect(await process.ended).toMatchObject({ exitCode: 0 });
      await process.inputEnded;
      await file.close();
    });

    it('ends when its command has ended, and nothing reads that stdin any more', async () => {
      await exec('mkfifo', [join(folder, 'open')]);
      const file = await open(join(folder, 'open'), 'r+'); // one that has no end
      const process = start('head', ['-c', '5'], { shielded: true, stdin: file.fd, alreadyRead: Buffer.from('first, ') });
      expect(await text(process.stdout)).toBe('first');
      expect(await process.ended).toMatchObject({ exitCode: 0 });
      await process.inputEnded;
      await file.close();
    });
  });
});
