import type { Plan } from '@katavm/lifecycle';
import { expect, test, vi } from 'vitest';
import { printResult } from './output.js';

function printed(print: () => void): string {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  print();
  const text = write.mock.calls.map(([part]) => String(part)).join('');
  write.mockRestore();
  return text;
}

test('a result is text for people and JSON with a schema version for programs', () => {
  const result = { clone: 'debian12-clone', created: true };
  const describe = ({ clone }: typeof result) => `created ${clone}`;
  expect(printed(() => printResult(result, false, describe))).toBe('created debian12-clone\n');
  expect(JSON.parse(printed(() => printResult(result, true, describe)))).toEqual({ schemaVersion: 1, ...result });
});

test('a plan is a table of what would be done to what, or says that there is nothing to do', () => {
  const plan: Plan = { dryRun: true, plan: [{ action: 'create overlay', subject: 'debian12-clone' }] };
  expect(printed(() => printResult(plan, false, () => ''))).toBe('WOULD           WHAT\ncreate overlay  debian12-clone\n');
  expect(printed(() => printResult({ dryRun: true, plan: [] }, false, () => ''))).toBe('nothing to do\n');
});
