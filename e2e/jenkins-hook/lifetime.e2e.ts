import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { katavm, testHome } from '../harness/katavm.js';
import { traces } from '../harness/traces.js';
import { type RunningHook, startHook, stopProgram } from './hook.js';
import { endAsJenkins, programsBelow } from './processes.js';

const config = 'minimal';
const boots = `boot ${config}-`;

/** A guest's command that says that it runs, and then lasts. */
const lasting = 'echo up >&2; exec sleep 600';

async function endsClean(hook: RunningHook, exitCode: number, code?: string): Promise<void> {
  expect(await hook.ended, hook.log()).toMatchObject({ exitCode });
  if (code !== undefined) expect(hook.log()).toContain(code);
  expect(await traces(config)).toEqual([]);
}

describe('while the guest boots, a launch is undone', () => {
  test('by a signal, even one that comes twice, and ends with its code', async () => {
    const ends = [
      ['SIGTERM', 143],
      ['SIGHUP', 129],
      ['SIGINT', 130],
    ] as const;
    const hooks = ends.map(() => startHook([config, lasting]));
    // Each as soon as it boots: they take turns, and the first may be up when the last begins.
    const killed = hooks.map(async (hook, index) => {
      await hook.told(boots);
      for (const _ of ['once', 'and again']) hook.kill(ends[index]?.[0] ?? 'SIGTERM');
    });
    await Promise.all(killed);
    const codes = (await Promise.all(hooks.map(({ ended }) => ended))).map(({ exitCode }) => exitCode);
    expect(codes).toEqual(ends.map(([, code]) => code));
    expect(hooks.map((hook) => hook.log().includes('KATAVM_INTERRUPTED'))).toEqual([true, true, true]);
    expect(await traces(config)).toEqual([]);
  });

  test('when Jenkins goes away, which only the end of stdin tells', async () => {
    const hook = startHook([config, lasting]);
    hook.stdin.write('a preamble that nobody will answer');
    await hook.told(boots);
    hook.stdin.end();
    await endsClean(hook, 125, 'KATAVM_JENKINS_INPUT_ENDED');
  });

  test('at its deadline, and the console is kept beside the log', async () => {
    const hook = startHook(['--boot-timeout', '1s', config, lasting], { NODE_NAME: 'deadline' });
    await endsClean(hook, 125, 'KATAVM_GUEST_SILENT');
    const logs = (await readdir(join(testHome(), 'logs/jenkins'))).filter((name) => name.startsWith('deadline-'));
    expect(logs.map((name) => name.replace(/^deadline-\d{8}T\d{9}Z-\d+/, ''))).toEqual(
      expect.arrayContaining(['.log', '.console.log']),
    );
  });
});

describe('while the agent runs, its clone is deleted', () => {
  test("when the agent ends, with the agent's own exit code", async () => {
    await endsClean(startHook([config, 'exit 7']), 7);
  });

  test('when the guest powers off', async () => {
    await endsClean(startHook([config, 'sudo poweroff -f; sleep 60']), 125, 'KATAVM_GUEST_LOST');
  });

  test("in Jenkins' own order of killing: children first, everything by its cookie, and no signal that cannot be caught", async () => {
    const env = { HUDSON_COOKIE: 'cookie-of-the-test', NODE_NAME: 'kill-order' };
    const booting = startHook([config, lasting], env);
    await booting.told(boots);
    expect(programsBelow(booting.pid)).toContain('virsh');
    endAsJenkins(booting.pid, env.HUDSON_COOKIE);
    await endsClean(booting, 143, 'KATAVM_INTERRUPTED');

    const running = startHook([config, lasting], env);
    await running.told(/^up$/m);
    endAsJenkins(running.pid, env.HUDSON_COOKIE);
    // The end of a good build, where the controller's script sees to one build per clone: no failure is told, no console is kept.
    await endsClean(running, 0, 'Jenkins has disconnected the node');
    expect(running.log()).not.toMatch(/could not undo|error\[|console is kept/);
  });
});

describe('a second launch of a node', () => {
  test('takes over from one that still boots, and leaves the clones of other nodes alone, as the stop hook does', async () => {
    const other = startHook([config, lasting], { NODE_NAME: 'other' });
    const first = startHook([config, lasting], { NODE_NAME: 'node' });
    await Promise.all([other.told(boots), first.told(boots)]);
    const second = startHook([config, 'cat'], { NODE_NAME: 'node' });
    expect(await first.ended).toMatchObject({ exitCode: 143 });
    await other.told(/^up$/m);
    const stopped = await stop(config, { NODE_NAME: 'none' });
    expect(stopped).toMatchObject({ exitCode: 0, stdout: '' });
    await second.told('the agent runs');
    second.stdin.end('through');
    expect(await second.ended, second.log()).toMatchObject({ exitCode: 0 });
    expect(second.output().toString()).toBe('through');
    expect(second.log()).toContain('ends the earlier launch of node node');
    expect(await stop(config, { NODE_NAME: 'other' })).toMatchObject({ exitCode: 0, stdout: '' });
    await endsClean(other, 0, 'Jenkins has disconnected the node');
    expect(await readdir(join(testHome(), 'launches'))).toEqual([]);
  });
});

describe('the stop hook', () => {
  test('deletes what a killed launch left, twice without a word on stdout', async () => {
    const killed = startHook([config, lasting]);
    await killed.told(boots);
    killed.kill('SIGKILL');
    await killed.ended;
    expect(await stop(config)).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await stop(config)).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await traces(config)).toEqual([]);
    expect((await katavm(['gc'])).stdout).toBe('nothing to remove');
  });
});

async function stop(name: string, env: Record<string, string> = {}) {
  const hook = startHook([name], env, stopProgram);
  const { exitCode } = await hook.ended;
  return { exitCode, stdout: hook.output().toString(), stderr: hook.log() };
}
