import { expect, test } from 'vitest';
import { katavm } from '../harness/katavm.js';
import { traces } from '../harness/traces.js';
import { startHook } from '../jenkins-hook/hook.js';
import { controller } from './controller.js';

interface Shown {
  readonly manifest: { readonly generation: string; readonly java?: readonly { program: string; version?: string }[] };
}

/** Which Java the agents of a built master get, and that one of a controller of 2026 runs with it. */
export function testsOfJava(config: string): void {
  test('the build has written down that an agent finds Java 21', async () => {
    const { manifest } = JSON.parse((await katavm(['master', 'show', config, '--json'])).stdout) as Shown;
    expect(manifest.java?.[0]).toMatchObject({ program: 'java', version: expect.stringMatching(/^21\b/) });
    // The folder that Debian keeps it in is no other Java.
    expect(manifest.java).toHaveLength(1);
  });

  test('a launch for a controller of 2026 runs its jar, which needs Java 21', async () => {
    const hook = startHook([config], { JENKINS_URL: await controller('2.555.1', 'echo21.jar'), NODE_NAME: 'java' });
    hook.stdin.write('what the controller says');
    await hook.told('echo agent, java 21');
    hook.stdin.end();
    expect((await hook.ended).exitCode, hook.log()).toBe(0);
    expect(hook.output().toString()).toBe('what the controller says');
    expect(await traces(config)).toEqual([]);
  });
}
