import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireLock, exec, interruptedBy, type RunningProcess, start, withLock } from '@katavm/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
let path: string;
let others: RunningProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-lock-'));
  path = join(folder, 'locks', 'master.lock');
  others = [];
});
afterEach(async () => {
  for (const other of others) other.kill('SIGKILL');
  await Promise.all(others.map((other) => other.ended));
  await rm(folder, { recursive: true, force: true });
});

/** Another process that holds the lock until it is killed. */
async function otherHolds(mode: 'exclusive' | 'shared'): Promise<RunningProcess> {
  const module = JSON.stringify(import.meta.resolve('@katavm/core'));
  const script = `import { acquireLock } from ${module};
    await acquireLock(${JSON.stringify(path)}, { mode: '${mode}' }); console.log('held'); setInterval(() => {}, 1000);`;
  const other = start('node', ['--input-type=module', '-e', script]);
  others.push(other);
  await once(other.stdout, 'data');
  return other;
}

const tryLock = async (mode: 'exclusive' | 'shared') => {
  const lock = await acquireLock(path, { mode, wait: false });
  await lock?.release();
  return lock !== undefined;
};

/** Who has the lock's file open: the holders, and those who wait. */
async function usersOfTheFile(): Promise<string> {
  return (await exec('sh', ['-c', 'ls -l /proc/[0-9]*/fd 2>/dev/null | grep -F "$1" || true', 'sh', path])).stdout;
}

describe('a lock', () => {
  it('is had by one process at a time, and freed when its holder is killed by SIGKILL', async () => {
    const other = await otherHolds('exclusive');
    expect(await tryLock('exclusive')).toBe(false);
    expect(await tryLock('shared')).toBe(false);
    const waiting = acquireLock(path);
    other.kill('SIGKILL');
    const lock = await waiting;
    expect(await tryLock('shared')).toBe(false);
    await lock?.release();
    expect(await tryLock('exclusive')).toBe(true);
  });

  it('can be shared by many, and keeps out one who wants it alone', async () => {
    await otherHolds('shared');
    const lock = await acquireLock(path, { mode: 'shared' });
    expect(await tryLock('shared')).toBe(true);
    expect(await tryLock('exclusive')).toBe(false);
    await lock?.release();
  });

  it('is free after the work, also when that failed', async () => {
    const failure = new Error('disk full');
    await expect(withLock(path, {}, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await tryLock('exclusive')).toBe(true);
  });

  it('that is released twice is released once, whatever has been opened since', async () => {
    const lock = await acquireLock(path);
    await lock?.release();
    const another = await acquireLock(path);
    await lock?.release();
    expect(await tryLock('exclusive')).toBe(false);
    await another?.release();
  });

  it('that many want at once is never had by two', async () => {
    let holders = 0;
    const most: number[] = [];
    const work = async () => {
      most.push(++holders);
      await new Promise(setImmediate);
      holders--;
    };
    await Promise.all(Array.from({ length: 8 }, () => withLock(path, {}, work)));
    expect(most).toEqual(Array(8).fill(1));
  });

  it('is no longer waited for after an interruption, and nobody is left holding it', async () => {
    const lock = await acquireLock(path);
    const abort = new AbortController();
    const waiting = acquireLock(path, { signal: abort.signal });
    abort.abort(interruptedBy('SIGTERM'));
    await expect(waiting).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED', exitCode: 143 });
    await lock?.release();
    expect(await usersOfTheFile()).toBe('');
  });

  it('that is interrupted at any moment while it is being taken is not left behind', async () => {
    for (let turns = 0; turns < 40; turns++) {
      const abort = new AbortController();
      const taking = acquireLock(path, { signal: abort.signal }).catch(() => undefined);
      // Each round lets a little more of the taking happen first: spawned, locked, told.
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      abort.abort();
      await (await taking)?.release();
    }
    expect(await tryLock('exclusive')).toBe(true);
    expect(await usersOfTheFile()).toBe('');
  });

  it('that cannot be made says why', async () => {
    await writeFile(join(folder, 'file'), '');
    const impossible = acquireLock(join(folder, 'file', 'lock'));
    await expect(impossible).rejects.toMatchObject({ code: 'KATAVM_LOCK_FAILED', message: expect.stringContaining('file') });
    // A folder of the kernel, in which not even root can make a file.
    const refused = acquireLock('/proc/sys/kernel/katavm.lock');
    await expect(refused).rejects.toMatchObject({
      code: 'KATAVM_LOCK_FAILED',
      message: expect.stringContaining('open'),
    });
  });
});
