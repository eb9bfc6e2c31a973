import { expect, test } from 'vitest';
import { table } from './table.js';

test('columns stand below each other, and no line ends with spaces', () => {
  const text = table(
    ['name', 'state', 'owner'],
    [
      ['debian12-1', 'running', 'me'],
      ['x', 'shut off', ''],
    ],
  );
  expect(text.split('\n')).toEqual(['NAME        STATE     OWNER', 'debian12-1  running   me', 'x           shut off']);
});

test('a table without rows still says what it would show', () => {
  expect(table(['name', 'state'], [])).toBe('NAME  STATE');
});
