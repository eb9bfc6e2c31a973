import { expect, test } from 'vitest';
import { agentSchema } from './schema.js';

test('a config that says nothing of the agent gets the usual Jenkins places', () => {
  expect(agentSchema.parse({})).toEqual({ directory: '/var/lib/jenkins', java: 'java', javaOptions: [] });
});

test.each([{ jarr: 'x' }, { directory: 'relative' }, { java: '' }, { javaOptions: ['a\0b'] }, { jar: '' }])(
  '%j is refused',
  (part) => {
    expect(agentSchema.safeParse(part).success).toBe(false);
  },
);
