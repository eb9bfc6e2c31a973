import { exec } from '@katavm/core';
import { describe, expect, test } from 'vitest';
import { chosen, randomData, seed } from '../harness/seed.js';
import { traces, uri } from '../harness/traces.js';
import { type RunningHook, startHook } from './hook.js';

const config = 'minimal';
const MB = 1e6;
/** More than pipes, sockets and SSH's windows hold: the channel is full when somebody dies. */
const data = randomData('channel', 24 * MB);

test("half-close: what the agent says after the end of its input arrives whole, and then the agent's own exit code", async () => {
  const hook = startHook([config, 'wc -c; head -c 16000000 /dev/zero; exit 6']);
  hook.stdin.end(data.subarray(0, 3 * MB));
  expect(await hook.ended, hook.log()).toMatchObject({ exitCode: 6 });
  expect(hook.output().equals(Buffer.concat([Buffer.from('3000000\n'), Buffer.alloc(16 * MB)]))).toBe(true);
  expect(await traces(config)).toEqual([]);
});

describe(`a sudden death in full traffic leaves nothing, and no byte before it was wrong (seed ${seed})`, () => {
  test.each(moments('controller'))('of the controller, after %i bytes', async (moment) => {
    const hook = await echo(moment);
    hook.stdin.destroy();
    hook.stdout.destroy();
    // Its end of input or its broken pipe, whichever the agent meets first.
    expect([0, 141]).toContain((await hook.ended).exitCode);
    await endsRight(hook);
  });

  test.each(moments('agent'))('of the agent, after %i bytes', async (moment) => {
    const hook = startHook([config, `head -c ${moment}; kill -KILL $$`]);
    hook.stdin.write(data);
    expect(await hook.ended, hook.log()).toMatchObject({ exitCode: 137 });
    expect(hook.output()).toHaveLength(moment);
    await endsRight(hook);
  });

  test.each(moments('guest'))('of the guest, after %i bytes', async (moment) => {
    const hook = await echo(moment);
    await exec('virsh', ['-c', uri, 'destroy', guestOf(hook)]);
    expect(await hook.ended).toMatchObject({ exitCode: 125 });
    expect(hook.log()).toContain('KATAVM_GUEST_LOST');
    await endsRight(hook);
  });
});

function moments(who: string): number[] {
  return ['first', 'second'].map((which) => chosen(`${who} ${which}`, data.length / 2));
}

/** A launch whose agent sends back what it gets, when so many bytes have come back and more are under way. */
async function echo(moment: number): Promise<RunningHook> {
  const hook = startHook([config, 'cat']);
  hook.stdin.write(data);
  let received = 0;
  await new Promise<void>((resolve, reject) => {
    hook.stdout.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received > moment) resolve();
    });
    void hook.ended.then(() => reject(new Error(`the hook ended:\n${hook.log()}`)));
  });
  return hook;
}

async function endsRight(hook: RunningHook): Promise<void> {
  await hook.ended;
  const output = hook.output();
  expect(output.length).toBeLessThan(data.length);
  expect(data.subarray(0, output.length).equals(output)).toBe(true);
  expect(await traces(config)).toEqual([]);
}

function guestOf(hook: RunningHook): string {
  return /the agent runs in (\S+)/.exec(hook.log())?.[1] ?? '';
}
