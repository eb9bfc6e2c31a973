import { writeSync } from 'node:fs';
import { ExitCode, messageOf } from '@katavm/core';
import { type HookArguments, parseArguments } from '../arguments/parse-arguments.js';
import { hooksVersion } from '../package.js';

/** What the command line asks for; `undefined` where that was answered here. */
export function askedFor(argv: readonly string[], usage: string, channel: number): HookArguments | undefined {
  try {
    const asked = parseArguments(argv, usage);
    if (typeof asked !== 'string') return asked;
    // Whoever asks for this is no Jenkins that launches an agent.
    writeSync(channel, asked === 'version' ? `${hooksVersion}\n` : `usage: ${usage}\n`);
  } catch (error) {
    process.exitCode = ExitCode.ours;
    process.stderr.write(`${messageOf(error)}\nusage: ${usage}\n`);
  }
  return undefined;
}
