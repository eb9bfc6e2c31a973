import { once } from 'node:events';
import { waitFor } from '@katavm/core';
import { describe, expect, it } from 'vitest';
import { runInGroup, startGuarded } from '../src/packages/run-in-group.js';
import { refusal } from './workplace.js';

/** Prints its own id and that of a child which, like a package's script, does not care for signals; then waits. */
const stubborn = ['sh', '-c', 'sh -c \'trap "" TERM HUP INT; echo $$; exec sleep 1000\' & echo $$; wait'];

async function untilGone(pids: readonly number[]): Promise<void> {
  const alive = (pid: number) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  const probe = async () => (pids.some(alive) ? undefined : true);
  await waitFor({ name: `the end of ${pids}`, probe, timeoutMilliseconds: 20_000, hint: `ps ${pids}` });
}

describe('a build and all that it started', () => {
  it('ends at once when it is interrupted', async () => {
    const interruption = new AbortController();
    const pids: number[] = [];
    const onLine = (line: string) => {
      pids.push(Number(line));
      if (pids.length === 2) interruption.abort();
    };
    const error = await refusal(runInGroup(stubborn, { env: {}, signal: interruption.signal, onLine }));
    expect(error.code).toBe('KATAVM_INTERRUPTED');
    await untilGone(pids);
  });

  it('ends when katavm is killed: the kernel then closes its standard input', async () => {
    const running = startGuarded(stubborn, {});
    let printed = '';
    while (printed.split('\n').length < 3) printed += (await once(running.stdout, 'data')).toString();
    running.stdin.end();
    expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
    await untilGone(printed.trim().split('\n').map(Number));
  });

  it('tells how it failed, and every line of both streams', async () => {
    const lines: string[] = [];
    const command = ['sh', '-c', 'echo out; echo err >&2; printf last; exit 3'];
    const failure = await runInGroup(command, { env: {}, onLine: (line) => lines.push(line) });
    expect(failure).toContain('3');
    expect(lines.sort()).toEqual(['err', 'last', 'out']);
    expect(await runInGroup(['true'], { env: {}, onLine: () => {} })).toBeUndefined();
  });
});
