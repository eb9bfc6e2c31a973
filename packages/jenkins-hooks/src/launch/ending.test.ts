import { KatavmError } from '@katavm/core';
import { afterEach, expect, test } from 'vitest';
import { buildEnded, Ending, exitCodeOf, isGoodEnd } from './ending.js';

const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection'] as const;
const before = new Map(names.map((name) => [name, process.listeners(name as 'SIGTERM')]));
afterEach(() => {
  for (const name of names)
    for (const listener of process.listeners(name as 'SIGTERM'))
      if (!before.get(name)?.includes(listener)) process.off(name, listener);
});

function reasonAfter(signal: 'SIGTERM' | 'SIGINT', agentRuns: boolean): unknown {
  const ending = new Ending();
  ending.listen();
  if (agentRuns) ending.agentRuns();
  process.emit(signal);
  return ending.signal.reason;
}

test('SIGTERM while the agent runs is how Jenkins disconnects a node after its build: a good end', () => {
  const reason = reasonAfter('SIGTERM', true);
  expect(reason).toMatchObject({ code: 'KATAVM_JENKINS_DISCONNECTED' });
  expect([isGoodEnd(reason), exitCodeOf(reason)]).toEqual([true, 0]);
});

test.each([
  ['SIGTERM', false, 143],
  ['SIGINT', true, 130],
] as const)('%s, the agent running: %s, is an interruption', (signal, agentRuns, exitCode) => {
  const reason = reasonAfter(signal, agentRuns);
  expect(reason).toMatchObject({ code: 'KATAVM_INTERRUPTED' });
  expect([isGoodEnd(reason), exitCodeOf(reason)]).toEqual([false, exitCode]);
});

test('the end of the one build of a clone is good, any other reason is not', () => {
  expect(isGoodEnd(buildEnded('job/a/1/'))).toBe(true);
  expect(isGoodEnd(new KatavmError({ code: 'KATAVM_X', message: 'x' }))).toBe(false);
  expect(exitCodeOf(new Error('x'))).toBe(125);
});
