import { parseDuration } from '@katavm/core';
import { z } from '@katavm/core/schema';
import { parsedBy } from './parsed.js';
import { unknownVariables } from './variables.js';

const knownVariables = 'a variable must be {{hostname}}, {{config}} or {{user}}';

const target = z
  .string()
  .regex(/^\/(?!.*\/$)/, 'must be the absolute path of a file in the guest')
  .refine((path) => !path.split('/').includes('..'), 'must not go up with ".."')
  .refine((path) => unknownVariables(path).length === 0, knownVariables)
  .describe('Where the file goes in the guest; {{hostname}}, {{config}} and {{user}} are filled in');

const file = z
  .strictObject({
    source: z.string().min(1).optional().describe("A file of this host, relative to this file's folder"),
    content: z.string().optional().describe('The text itself, in place of a source'),
    target,
    owner: z
      .string()
      .regex(/^(?:[a-z0-9_][a-z0-9_-]*|\{\{user\}\})(?::(?:[a-z0-9_][a-z0-9_-]*|\{\{user\}\}))?$/, 'must be user or user:group')
      .default('root:root'),
    // YAML 1.2 reads a bare 0644 as the decimal number 644.
    mode: z
      .string({ error: 'must be an octal number in quotes: "0644"' })
      .regex(/^0?[0-7]{3,4}$/, 'must be an octal number in quotes: "0644"')
      .default('0644')
      .transform((octal) => Number.parseInt(octal, 8)),
  })
  .refine(({ source, content }) => (source === undefined) !== (content === undefined), {
    error: 'give exactly one of source and content',
  });

/** A command may be written as its text alone. */
export function asCommand(written: unknown): unknown {
  return typeof written === 'string' ? { run: written } : written;
}

function command(as: 'root' | 'user') {
  return z.preprocess(
    asCommand,
    z.strictObject({
      run: z.string().trim().min(1, 'must be a command').describe("Shell text, run by the guest's sh"),
      timeout: parsedBy(parseDuration).prefault('10m').describe('How long it may take'),
      as: z.enum(['root', 'user']).default(as).describe('Who runs it: root, or the user that the agent runs as'),
    }),
  );
}

export const commandSchema = command('root');
export const checkSchema = command('user');

export const completeSchema = z.strictObject({
  files: z.array(file).default([]).describe('Files put into the master, in this order'),
  commands: z.array(commandSchema).default([]).describe('Commands run in the master, after the files, in this order'),
  checks: z.array(checkSchema).default([]).describe('Commands that must exit 0, or the master is not sealed'),
});
