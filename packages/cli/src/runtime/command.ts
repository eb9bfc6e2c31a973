import type { Argv, CommandModule } from 'yargs';
import type { GlobalOptions } from './global-options.js';

interface CommandInit<Options extends GlobalOptions> {
  readonly command: string;
  readonly aliases?: readonly string[];
  readonly describe: string;
  readonly builder?: (yargs: Argv<GlobalOptions>) => Argv<never> | Argv<GlobalOptions>;
  readonly handler: (options: Options) => void | Promise<void>;
}

export type Command<Options extends GlobalOptions = GlobalOptions> = CommandModule<GlobalOptions, Options>;

/**
 * A command whose options are declared as the terminal has them (`dry-run`) and read as TypeScript has them (`dryRun`):
 * yargs fills in both, and its types know the first only.
 */
export function command<Options extends GlobalOptions = GlobalOptions>(init: CommandInit<Options>): Command<Options> {
  return init as unknown as Command<Options>;
}
