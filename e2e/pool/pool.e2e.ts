import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { katavm, testHome } from '../harness/katavm.js';
import { runningGuests, traces } from '../harness/traces.js';
import { config, openPool, reached, usersOf } from './pool-server.js';

const clones = join(testHome(), 'clones');

describe('a pool of three', () => {
  test('serves ten jobs that come at once: three get a clone that waited, one each, and it is filled again', async () => {
    const pool = await openPool({ pool: { size: 3 } });
    expect(await pool.fill()).toMatchObject({ ready: 3, size: 3 });
    const ready = await pool.waiting();
    const results = await Promise.all(Array.from({ length: 10 }, () => pool.run('hostname')));
    for (const { clone, stdout } of results) expect(stdout).toBe(clone);
    expect(new Set(results.map(({ clone }) => clone)).size).toBe(10);
    const pooled = results.filter(({ start }) => start === 'pooled').map(({ clone }) => clone);
    expect(pooled).toEqual(expect.arrayContaining(ready));
    expect(await pool.fill()).toMatchObject({ ready: 3 });
    pool.server.kill('SIGTERM');
    expect((await pool.server.ended).exitCode).toBe(0);
    expect(await traces(config)).toEqual([]);
    expect(await usersOf(clones)).toBe('');
  });
});

describe('a clone that waited', () => {
  test('has the host’s time when its job gets it, to half a second', async () => {
    const pool = await openPool({});
    await pool.fill();
    const [waiting] = await pool.waiting();
    const job = await pool.startJob();
    expect(job.clone).toBe(waiting);
    const before = Date.now();
    const said = await job.ask('adjtimex');
    const after = Date.now();
    const part = (name: string) => Number(new RegExp(`${name}: *(\\d+)`).exec(said)?.[1]);
    const guest = part('time.tv_sec') * 1000 + part('time.tv_usec') / 1000;
    expect(guest).toBeGreaterThan(before - 500);
    expect(guest).toBeLessThan(after + 500);
    job.process.stdin.end();
    expect((await job.process.ended).exitCode).toBe(0);
  });

  test('stays its job’s when the pool server is killed; those that nobody has are gone after one gc', async () => {
    const pool = await openPool({ pool: { size: 2 } });
    await pool.fill();
    const job = await pool.startJob();
    await pool.fill();
    pool.server.kill('SIGKILL');
    await pool.server.ended;
    await reached('the end of the guests that waited', async () => (await runningGuests()).length === 1);
    expect((await katavm(['gc'])).exitCode).toBe(0);
    expect((await traces(config)).map((trace) => trace.split(' ')[0])).toEqual(['folder', 'lock', 'domain', 'process']);
    expect(await job.ask('hostname')).toBe(`${job.clone}\n`);
    job.process.stdin.end();
    expect((await job.process.ended).exitCode).toBe(0);
    expect(await traces(config)).toEqual([]);
    expect(await usersOf(clones)).toBe('');
  });

  test('is destroyed by libvirt when its job is killed, and the next gc takes its files', async () => {
    const pool = await openPool({});
    await pool.fill();
    const job = await pool.startJob();
    await pool.fill();
    job.process.kill('SIGKILL');
    await job.process.ended;
    await reached('the end of its guest', async () => (await runningGuests()).length === 1);
    expect((await katavm(['gc', '--json'])).stdout).toContain(job.clone);
    expect(await pool.waiting()).toHaveLength(1);
    expect(await usersOf(join(clones, job.clone))).toBe('');
  });
});

test('a drained pool is empty, and its jobs boot', async () => {
  const pool = await openPool({});
  await pool.fill();
  const [waiting] = await pool.waiting();
  const drained = await katavm(['pool', 'drain', config], { env: pool.env });
  expect(drained).toMatchObject({ exitCode: 0, stdout: `deleted ${waiting}` });
  expect(await traces(config)).toEqual([]);
  expect(await pool.run('true')).toMatchObject({ start: 'cold' });
  expect((await katavm(['pool', 'status'], { env: pool.env })).stdout).toContain('drained');
  await katavm(['pool', 'fill', config], { env: pool.env });
  expect(await pool.run('true')).toMatchObject({ start: 'pooled' });
});
