import { expect, test } from 'vitest';
import { traces } from '../harness/traces.js';
import { controller } from '../java/controller.js';
import { oldJavaConfig } from '../setup/minimal-master.js';
import { startHook } from './hook.js';

test.each([
  ['2.555.1', 'echo.jar', 'Jenkins 2.555.1 needs Java 21'],
  ['2.541.3', 'echo21.jar', "the controller's agent.jar needs Java 21"],
])('a master with Java 17 is refused for a controller %s with %s before anything boots', async (version, jar, who) => {
  const hook = startHook([oldJavaConfig], { JENKINS_URL: await controller(version, jar) });
  expect((await hook.ended).exitCode, hook.log()).toBe(125);
  expect(hook.log()).toContain(`error[KATAVM_AGENT_JAVA_OLD]: ${who}, and "java" in the master of "${oldJavaConfig}"`);
  expect(hook.log()).toContain(`katavm master build ${oldJavaConfig}`);
  expect(hook.log()).not.toContain(`boot ${oldJavaConfig}`);
  expect(hook.output()).toHaveLength(0);
  expect(await traces(oldJavaConfig)).toEqual([]);
});
