import { ExitCode, KatavmError } from '@katavm/core';
import yargs from 'yargs';
import { commandsFor } from './commands/commands-for.js';
import { completeWords } from './completion/complete-words.js';
import { withGlobalOptions } from './runtime/global-options.js';
import { cliVersion } from './version.js';

/** The whole command line. @throws KATAVM_USAGE for what it does not know, and whatever the command throws. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  const program = yargs([...argv]);
  makeNoHelpAhead(program);
  await withGlobalOptions(program)
    .scriptName('katavm')
    .parserConfiguration({ 'populate--': true, 'parse-numbers': false, 'parse-positional-numbers': false })
    .usage('$0 <command>\n\nA clean virtual machine for every CI job.')
    .command(await commandsFor(argv))
    .completion('completion', 'Print a completion script for bash or zsh', completeWords)
    .version(cliVersion)
    .help()
    .strict()
    .demandCommand(1, 'name a command')
    .exitProcess(false)
    .fail((message, error) => {
      // yargs gives its own errors a name; whatever else comes is a command's.
      throw error && error.name !== 'YError' ? error : usage(message ?? error?.message);
    })
    .parseAsync();
}

interface Internals {
  getInternalMethods(): { getUsageInstance(): { cacheHelpMessage(): void } };
}

/**
 * When a command begins, yargs 18 makes the text of its help, in case it is wanted when the command has failed. Here a failure shows
 * a hint. The text takes 20 ms, and a launch waits for it.
 */
function makeNoHelpAhead(program: unknown): void {
  (program as Internals).getInternalMethods().getUsageInstance().cacheHelpMessage = () => {};
}

function usage(message: string): KatavmError {
  return new KatavmError({ code: 'KATAVM_USAGE', message, hint: 'katavm --help', exitCode: ExitCode.usage });
}
