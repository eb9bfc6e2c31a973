import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { exec } from '@katavm/core';
import { describe, expect, test } from 'vitest';
import { katavm, startKatavm } from './harness/katavm.js';
import { collect, until } from './harness/output.js';
import { traces, uri } from './harness/traces.js';

const config = 'minimal';
const run = (...command: string[]) => katavm(['run', config, '--', ...command]);

describe('katavm run', () => {
  test("passes a command's exit code and both outputs through, and leaves no trace", async () => {
    const result = await run('sh', '-c', 'echo out; echo err >&2; exit 42');
    expect(result).toMatchObject({ exitCode: 42, stdout: 'out' });
    expect(result.stderr).toContain('err');
    expect(await traces(config)).toEqual([]);
  });

  test('gives the guest the very arguments that it was given', async () => {
    const words = ['two words', "it's", '$HOME', '', '*', '"quoted"', 'back\\slash', 'new\nline', 'ü'];
    const result = await run('printf', '[%s]', ...words);
    expect(result.stdout).toBe(words.map((word) => `[${word}]`).join(''));
  });

  test('carries 100 MB in and out, every byte value among them, while the guest reads on after our end', async () => {
    const data = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), randomBytes(100e6)]);
    const job = startKatavm(['run', config, '--progress', 'quiet', '--', 'cat']);
    job.stdin.end(data);
    const hash = createHash('sha256');
    let length = 0;
    for await (const chunk of job.stdout) {
      hash.update(chunk as Buffer);
      length += (chunk as Buffer).length;
    }
    expect((await job.ended).exitCode).toBe(0);
    expect(length).toBe(data.length);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(data).digest('hex'));
  });

  test('shows no job what an earlier one wrote, and gives each a name and a host key of its own', async () => {
    const look = 'hostname; cat /data/left 2>/dev/null; echo mine > /data/left; sudo cat /run/katavm/ssh_host_ed25519_key.pub';
    const results = await Promise.all([run('sh', '-c', look), run('sh', '-c', look), run('sh', '-c', look)]);
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(results.map(({ stdout }) => stdout).join()).not.toContain('mine');
    expect(new Set(results.map(({ stdout }) => stdout.split('\n')[0])).size).toBe(3);
    expect(new Set(results.map(({ stdout }) => stdout.split('\n')[1])).size).toBe(3);
  });

  test('hands a first Ctrl-C to the command, and ends with the code that it ends with', async () => {
    const job = startKatavm([
      'run',
      config,
      '--',
      'sh',
      '-c',
      'trap "echo caught; exit 7" INT; echo ready; while :; do sleep 0.1; done',
    ]);
    const output = collect(job.stdout);
    await once(job.stdout, 'data');
    job.kill('SIGINT');
    expect((await job.ended).exitCode).toBe(7);
    expect(output()).toContain('caught');
    expect(await traces(config)).toEqual([]);
  });

  test('unwinds everything at Ctrl-C while the guest boots, and exits with 130', async () => {
    const job = startKatavm(['run', config, '--', 'true']);
    const progress = collect(job.stderr);
    await until(job.stderr, () => progress().includes('boot minimal-'));
    job.kill('SIGINT');
    expect((await job.ended).exitCode).toBe(130);
    expect(progress()).toContain('KATAVM_INTERRUPTED');
    expect(await traces(config)).toEqual([]);
  });

  test('leaves no trace at Ctrl-C while the clone of a command that has ended is deleted', async () => {
    const job = startKatavm(['run', config, '--', 'sh', '-c', 'exit 8']);
    const progress = collect(job.stderr);
    await until(job.stderr, () => progress().includes('delete minimal-'));
    job.kill('SIGINT');
    expect((await job.ended).exitCode).toBe(8);
    expect(await traces(config)).toEqual([]);
  });

  test('ends at once at a second Ctrl-C, and the next gc takes what is left', async () => {
    const job = startKatavm(['run', config, '--', 'true']);
    const progress = collect(job.stderr);
    await until(job.stderr, () => progress().includes('boot minimal-'));
    job.kill('SIGINT');
    job.kill('SIGINT');
    expect((await job.ended).exitCode).toBe(130);
    await katavm(['gc']);
    expect(await traces(config)).toEqual([]);
  });

  test('leaves no guest running when it is killed, and the next gc takes its files', async () => {
    const job = startKatavm(['run', config, '--', 'sh', '-c', 'echo up; sleep 600']);
    await once(job.stdout, 'data');
    job.kill('SIGKILL');
    await job.ended;
    const collected = await katavm(['gc', '--json']);
    expect((JSON.parse(collected.stdout) as { clones: string[] }).clones).toHaveLength(1);
    expect(await traces(config)).toEqual([]);
  });

  test('keeps a failed clone where it was asked to, and says how to log in and to delete it', async () => {
    const kept = await katavm([
      'run',
      config,
      '--name',
      'minimal-kept',
      '--keep-on-failure',
      '--',
      'sh',
      '-c',
      'echo evidence >/data/e; sync; exit 3',
    ]);
    expect(kept.exitCode).toBe(3);
    expect(kept.stderr).toContain('katavm clone login minimal-kept');
    const found = await katavm(['clone', 'list', '--json']);
    expect((JSON.parse(found.stdout) as { clones: object[] }).clones).toMatchObject([
      { name: 'minimal-kept', state: 'running', purpose: 'kept' },
    ]);
    expect((await katavm(['gc'])).stdout).toContain('nothing');
    expect(await katavm(['clone', 'delete', 'minimal-kept'])).toMatchObject({ exitCode: 0, stdout: 'deleted minimal-kept' });
    expect(await katavm(['clone', 'delete', 'minimal-kept'])).toMatchObject({ exitCode: 0, stdout: 'no clone minimal-kept' });
    expect(await traces(config)).toEqual([]);
  });

  test('tells a guest that powers itself off from a command that ended', async () => {
    const result = await run('sh', '-c', 'sudo poweroff -f; sleep 60');
    expect(result.exitCode).toBe(125);
    expect(result.stderr).toContain('KATAVM_GUEST_LOST');
    expect(await traces(config)).toEqual([]);
  });

  test('gives a guest up at once that QEMU halts while it boots, and says so', async () => {
    const job = startKatavm(['run', config, '--name', 'minimal-halted', '--', 'true']);
    const progress = collect(job.stderr);
    await until(job.stderr, () => progress().includes('boot minimal-halted'));
    await exec('virsh', ['-c', uri, 'qemu-monitor-command', 'minimal-halted', '--hmp', 'stop']);
    expect((await job.ended).exitCode).toBe(125);
    expect(progress()).toContain('KATAVM_GUEST_HALTED');
    expect(await traces(config)).toEqual([]);
  });

  test('ends with 125, the console and no trace when a guest does not answer in time', async () => {
    const result = await katavm(['run', config, '--boot-timeout', '1s', '--', 'true']);
    expect(result.exitCode).toBe(125);
    expect(result.stderr).toContain('KATAVM_GUEST_SILENT');
    expect(result.stderr).toContain('console');
    expect(await traces(config)).toEqual([]);
  });
});
