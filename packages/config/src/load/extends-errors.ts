import { ExitCode, KatavmError } from '@katavm/core';
import { configFileName } from '../find/config-folders.js';

export interface Extending {
  readonly subject: string;
  /** `file:line` of `extends`. */
  readonly place: string;
  readonly written: string;
  /** The file that it means. */
  readonly file: string;
}

export function extendsNothing({ subject, place, written, file }: Extending): KatavmError {
  return new KatavmError({
    code: 'KATAVM_CONFIG_FILE_MISSING',
    message: `${subject} extends what is not there:\n  ${place}: extends: there is no file ${file}`,
    hint: written.includes('/')
      ? `extends takes the path of a folder with a ${configFileName}, or of a file, relative to the folder of the file that says so`
      : `extends takes a path: write ../${written} for a config beside this one`,
    exitCode: ExitCode.usage,
    details: { files: [file] },
  });
}

/** @param chain the files that extend each other, the last of which extends one before it. */
export function extendsItself(subject: string, chain: readonly { readonly place: string }[]): KatavmError {
  const lines = chain.map(({ place }) => `  ${place}`);
  return new KatavmError({
    code: 'KATAVM_CONFIG_EXTENDS_CYCLE',
    message: `${subject} extends itself, by these lines:\n${lines.join('\n')}`,
    hint: 'remove one of these "extends" lines, or let it name another file',
    exitCode: ExitCode.usage,
  });
}
