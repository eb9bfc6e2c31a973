import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { untilGone } from './processes.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-exec-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const shell = (script: string, options?: Parameters<typeof exec>[2]) => exec('sh', ['-c', script], options);

describe('a command', () => {
  it('that succeeds gives its output without the last newline', async () => {
    expect(await shell('echo one; echo two; echo three >&2')).toMatchObject({ exitCode: 0, stdout: 'one\ntwo', stderr: 'three' });
  });

  it('that fails is told with what it said, and without the secrets in it', async () => {
    const failing = shell('echo "wrong token: hunter2" >&2; exit 7', { secrets: ['hunter2'] });
    await expect(failing).rejects.toMatchObject({
      code: 'KATAVM_COMMAND_FAILED',
      message: expect.stringMatching(/exited with 7:\nwrong token: \*\*\*$/),
      details: { exitCode: 7 },
    });
  });

  it('may answer by an exit code', async () => {
    expect(await shell('exit 2', { acceptExitCodes: [0, 2] })).toMatchObject({ exitCode: 2 });
  });

  it('that a signal ended is told so', async () => {
    await expect(shell('kill -9 $$')).rejects.toMatchObject({ details: { signal: 'SIGKILL' } });
  });

  it('that is not installed is told by name, as a matter of the host', async () => {
    await expect(exec('no-such-program', ['a'])).rejects.toMatchObject({
      code: 'KATAVM_COMMAND_MISSING',
      exitCode: 3,
      message: expect.stringContaining('"no-such-program"'),
    });
  });

  it('in a folder that is missing is not taken for a missing program', async () => {
    await expect(exec('true', [], { cwd: join(folder, 'missing') })).rejects.toMatchObject({
      code: 'KATAVM_COMMAND_FAILED',
      message: expect.stringContaining('there is no folder'),
    });
  });

  it('reads its input, or may end without reading it', async () => {
    const megabytes = 'x'.repeat(4_000_000);
    expect((await shell('wc -c', { input: megabytes })).stdout).toBe('4000000');
    expect((await shell('exit 0', { input: megabytes })).exitCode).toBe(0);
    expect((await shell('cat')).stdout).toBe('');
  });

  it("speaks English, and sees the caller's environment with what was added and removed", async () => {
    const env = { KATAVM_A: 'a', HOME: undefined };
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not ours
    expect((await shell('echo "$LC_ALL $KATAVM_A [${HOME-none}] ${PATH:+path}"', { env })).stdout).toBe('C a [none] path');
  });

  it('shows every line before it is over, the last one without a newline too', async () => {
    const lines: string[] = [];
    await shell('seq 1 5000; printf end; printf problem >&2', { onLine: (stream, line) => lines.push(`${stream} ${line}`) });
    expect(lines).toHaveLength(5002);
    expect(lines).toContain('stdout end');
    expect(lines).toContain('stderr problem');
  });

  it('is ended when its listener fails, and that failure is not lost', async () => {
    const bug = new Error('a bug in the listener');
    const onLine = () => {
      throw bug;
    };
    await expect(shell('echo line; exec sleep 600', { onLine })).rejects.toBe(bug);
  });

  it('that prints without end is ended, and its caller lives', async () => {
    await expect(exec('cat', ['/dev/zero'])).rejects.toMatchObject({ message: expect.stringContaining('more than 64 MiB') });
  });

  it('can write a file of any size in place of its output', async () => {
    const file = join(folder, 'out');
    await writeFile(file, 'x'.repeat(100));
    const result = await shell('head -c 70000000 /dev/zero; echo done >&2', { stdoutFile: file });
    expect(result).toMatchObject({ stdout: '', stderr: 'done' });
    expect((await readFile(file)).length).toBe(70_000_000);
  });

  it.each([
    ['/no/such/folder/out', 'ENOENT'],
    ['/dev/full', 'No space left on device'],
  ])('whose output cannot be written to %s fails and says why', async (stdoutFile, why) => {
    await expect(exec('seq', ['100000'], { stdoutFile })).rejects.toMatchObject({
      code: 'KATAVM_COMMAND_FAILED',
      message: expect.stringContaining(why),
    });
  });
});

describe('a command that is cut short', () => {
  const startsAnother = 'sleep 600 & echo $! >pid; echo started; wait';

  it('ends with all that it started, at once', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const running = shell(startsAnother, { cwd: folder, signal: abort.signal, onLine: () => abort.abort(reason) });
    await expect(running).rejects.toBe(reason);
    await untilGone(Number(await readFile(join(folder, 'pid'), 'utf8')));
  });

  it('by its timeout is told with what it had said', async () => {
    await expect(shell('echo half way; sleep 600 | cat', { timeoutMilliseconds: 300 })).rejects.toMatchObject({
      code: 'KATAVM_COMMAND_TIMED_OUT',
      exitCode: 5,
      message: expect.stringContaining('half way'),
    });
  });

  it('is not told as a success, although it takes the signal for a reason to end well', async () => {
    const abort = new AbortController();
    const running = shell("trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done", {
      signal: abort.signal,
      onLine: () => abort.abort(),
    });
    await expect(running).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED' });
  });

  it('before it began is never started', async () => {
    const file = join(folder, 'touched');
    await expect(exec('touch', [file], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED' });
    const abort = new AbortController();
    const opening = exec('touch', [file], { signal: abort.signal, stdoutFile: join(folder, 'out') });
    abort.abort();
    await expect(opening).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED' });
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('after it ended keeps its result', async () => {
    const abort = new AbortController();
    const result = await shell('echo done', { signal: abort.signal });
    abort.abort();
    expect(result.stdout).toBe('done');
  });

  it('by the death of its caller, by a signal too, ends with it', async () => {
    const module = JSON.stringify(import.meta.resolve('@katavm/core'));
    const script = `import { exec } from ${module};
      await exec('sh', ['-c', 'echo $$ >pid; echo ready; exec sleep 600'], { onLine: () => process.kill(process.pid, 'SIGTERM') });`;
    await expect(exec('node', ['--input-type=module', '-e', script], { cwd: folder })).rejects.toMatchObject({
      details: { signal: 'SIGTERM' },
    });
    await untilGone(Number(await readFile(join(folder, 'pid'), 'utf8')));
  });

  it("is not reached by the terminal's Ctrl-C: its caller decides what ends", async () => {
    // proc(5): the sixth field of stat is the session.
    const sessionOf = async (pid: string) => (await shell(`cut -d' ' -f6 /proc/${pid}/stat`)).stdout;
    const ours = await sessionOf(String(process.pid));
    expect(await sessionOf('$$')).toMatch(/^[1-9]\d*$/);
    expect(await sessionOf('$$')).not.toBe(ours);
  });
});
