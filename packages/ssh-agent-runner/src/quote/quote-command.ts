import { ExitCode, KatavmError } from '@katavm/core';

/** What no POSIX shell treats specially anywhere in a word: left bare, so that commands stay readable. */
const plain = /^[A-Za-z0-9_/.:@%+,-]+$/;

/**
 * An argument vector as one line for a POSIX shell. Between single quotes every byte stands for itself, except the single
 * quote (POSIX 2.2.2).
 *
 * @throws KATAVM_ARGUMENT_INVALID for a NUL, which no process argument can hold.
 */
export function quoteCommand(argv: readonly string[]): string {
  return argv.map(quoteWord).join(' ');
}

function quoteWord(word: string, index: number): string {
  if (word.includes('\0')) {
    throw new KatavmError({
      code: 'KATAVM_ARGUMENT_INVALID',
      message: `argument ${index} of the command, ${JSON.stringify(word)}, holds a NUL, which no program can receive as an argument`,
      hint: 'give such data to the command on its stdin',
      exitCode: ExitCode.usage,
    });
  }
  // A first word without quotes could be a keyword (`if`, `time`) or an alias; plain options and paths are neither.
  return index > 0 && plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
