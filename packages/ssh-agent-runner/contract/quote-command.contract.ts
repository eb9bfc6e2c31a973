import { exec } from '@katavm/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteCommand } from '../src/index.js';

// Each word between NULs, so that nothing that a word can hold is taken for the space between two.
const shown = ['printf', '%s\\0'];

async function throughShell(words: readonly string[]): Promise<string[]> {
  const { stdout } = await exec('sh', ['-c', `${quoteCommand([...shown, ...words])}; printf .`]);
  return stdout.slice(0, -2).split('\0');
}

const awkward = [
  '',
  ' ',
  "'",
  '"',
  '\\',
  '$HOME',
  '`id`',
  '$(id)',
  '*',
  '~',
  '!',
  '\n',
  '\t',
  '-n',
  '--',
  ';',
  '&',
  '|',
  '#',
  'ä',
  '🙂',
  '%s',
  '\x01',
  '\x7f',
  '\xff',
];

test('every character that a shell treats specially comes back as it is', async () => {
  const words = [...awkward, ...Array.from({ length: 255 }, (_, index) => `a${String.fromCharCode(index + 1)}b`)];
  expect(await throughShell(words)).toEqual(words);
});

test('any vector of words comes back from a real shell', async () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
    fc.array(fc.constantFrom(...awkward)).map((parts) => parts.join('')),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 40 }), async (words) => {
      expect(await throughShell(words)).toEqual(words);
    }),
    { numRuns: 60 },
  );
});

test('a word that the shell knows as its own is run as a program', async () => {
  const { exitCode } = await exec('sh', ['-c', quoteCommand(['if', 'true'])], { acceptExitCodes: [127] });
  expect(exitCode).toBe(127);
});
