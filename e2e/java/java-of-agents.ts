import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkout, katavm } from '../harness/katavm.js';
import { traces } from '../harness/traces.js';
import { startHook } from '../jenkins-hook/hook.js';

interface Shown {
  readonly manifest: { readonly generation: string; readonly java?: readonly { program: string; version?: string }[] };
}

/** A controller that gives a jar and says which Jenkins it is. */
async function controller(version: string, jar: string): Promise<string> {
  const content = await readFile(join(checkout, 'e2e/agent-jar', jar));
  const server = createServer((_, response) => response.writeHead(200, { 'x-jenkins': version }).end(content));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Which Java the agents of a built master get, and what becomes of a controller of 2026 with it. */
export function testsOfJava(config: string, java: 17 | 21): void {
  test(`the build has written down that an agent finds Java ${java}`, async () => {
    const { manifest } = JSON.parse((await katavm(['master', 'show', config, '--json'])).stdout) as Shown;
    expect(manifest.java?.[0]).toMatchObject({ program: 'java', version: expect.stringMatching(new RegExp(`^${java}\\b`)) });
    // The folder that Debian keeps it in is no other Java.
    expect(manifest.java).toHaveLength(1);
  });

  test.runIf(java < 21)('a controller that needs Java 21 is refused before anything boots, and so is its jar', async () => {
    for (const [version, jar, who] of [
      ['2.555.1', 'echo.jar', 'Jenkins 2.555.1 needs Java 21'],
      ['2.541.3', 'echo21.jar', "the controller's agent.jar needs Java 21"],
    ] as const) {
      const hook = startHook([config], { JENKINS_URL: await controller(version, jar) });
      expect((await hook.ended).exitCode, hook.log()).toBe(125);
      expect(hook.log()).toContain('error[KATAVM_AGENT_JAVA_OLD]');
      expect(hook.log()).toContain(who);
      expect(hook.log()).not.toContain(`boot ${config}`);
      expect(hook.output()).toHaveLength(0);
    }
    expect(await traces(config)).toEqual([]);
  });

  test.runIf(java >= 21)('a launch for a controller of 2026 runs its jar, which needs Java 21', async () => {
    const hook = startHook([config], { JENKINS_URL: await controller('2.555.1', 'echo21.jar'), NODE_NAME: 'java' });
    hook.stdin.write('what the controller says');
    await hook.told('echo agent, java 21');
    hook.stdin.end();
    expect((await hook.ended).exitCode, hook.log()).toBe(0);
    expect(hook.output().toString()).toBe('what the controller says');
    expect(await traces(config)).toEqual([]);
  });
}
