import { expect, test } from 'vitest';
import { quoteCommand } from './quote-command.js';

test('a plain command stays readable', () => {
  expect(quoteCommand(['java', '-Xmx1g', '-jar', '/var/lib/my agent/agent.jar'])).toBe(
    `'java' -Xmx1g -jar '/var/lib/my agent/agent.jar'`,
  );
});

test('a NUL, which no program can receive, is refused before anything runs', () => {
  expect(() => quoteCommand(['printf', 'a\0b'])).toThrowError(
    expect.objectContaining({ code: 'KATAVM_ARGUMENT_INVALID', exitCode: 2 }),
  );
});
