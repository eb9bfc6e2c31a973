import { expect, test } from 'vitest';
import { asksForJson, isPassThrough } from './pass-through.js';

test.each([
  ['run debian12 -- make', true],
  ['--progress plain run debian12 -- make', true],
  ['--json --verbose run debian12', true],
  ['agent start debian12', true],
  ['6-start-clone-agent debian12', true],
  ['master build run', false],
  ['clone list', false],
  ['--progress run', false],
  ['-- run', false],
  ['', false],
])("%j passes a guest's exit code through: %s", (line, expected) => {
  expect(isPassThrough(line.split(' ').filter(Boolean))).toBe(expected);
});

test("the guest's own --json is not katavm's", () => {
  expect(asksForJson(['run', 'debian12', '--', 'sysbench', '--json'])).toBe(false);
  expect(asksForJson(['run', '--json', 'debian12', '--', 'sysbench'])).toBe(true);
  expect(asksForJson(['clone', 'list', '--json'])).toBe(true);
});
