import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { configJsonSchema } from './json-schema.js';

test('the published schema.json is that of this code (mend with: pnpm --filter @katavm/config schema)', async () => {
  const published: unknown = JSON.parse(await readFile(new URL('../../schema.json', import.meta.url), 'utf8'));
  expect(published).toEqual(configJsonSchema());
});

test('an editor knows that a command may be a string, and which keys a section has', () => {
  const schema = configJsonSchema();
  expect(schema).toMatchObject({
    required: ['version', 'base'],
    additionalProperties: false,
    properties: {
      vm: { additionalProperties: false, properties: { memory: { type: 'string', default: '2GiB' } } },
      complete: {
        properties: {
          checks: { items: { anyOf: [{ type: 'string' }, { properties: { as: { default: 'user' } }, required: ['run'] }] } },
        },
      },
    },
  });
});
