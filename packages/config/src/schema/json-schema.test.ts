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
    required: ['version'],
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

test('every key is in docs/configuration.md', async () => {
  const page = await readFile(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');
  const missing = keysOf(configJsonSchema()).filter((key) => !new RegExp(`[\\x60.{ ]${key}[\\x60:},[]`).test(page));
  expect(missing).toEqual([]);
});

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

function keysOf({ properties = {}, items, anyOf = [] }: Node): string[] {
  const own = Object.entries(properties).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
  return [...own, ...(items ? keysOf(items) : []), ...anyOf.flatMap(keysOf)];
}
