import { isPlan, type Plan } from '@katavm/lifecycle';
import { table } from './table.js';

/** Grows when a field changes its meaning or goes; new fields do not change it. */
const jsonSchemaVersion = 1;

/** Prints a result on stdout: JSON, a plan, or the text that `describe` makes of it. */
export function printResult<T extends object>(result: T | Plan, json: boolean, describe: (result: T) => string): void {
  const text = json ? jsonText(result) : isPlan(result) ? planText(result) : describe(result);
  if (text !== '') process.stdout.write(`${text}\n`);
}

export function jsonText(value: object): string {
  return JSON.stringify({ schemaVersion: jsonSchemaVersion, ...value }, undefined, 2);
}

function planText({ plan }: Plan): string {
  if (plan.length === 0) return 'nothing to do';
  return table(
    ['would', 'what'],
    plan.map(({ action, subject }) => [action, subject]),
  );
}
