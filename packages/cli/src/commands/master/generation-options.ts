import type { Argv } from 'yargs';
import { type GlobalOptions, withConfig } from '../../runtime/global-options.js';

export interface GenerationOptions extends GlobalOptions {
  readonly config: string;
  readonly generation: string | undefined;
}

export function withGeneration<T>(yargs: Argv<T>) {
  return withConfig(yargs).option('generation', { type: 'string', describe: 'Default: the current one' });
}

/** For the commands that act on a generation that has to be named. */
export interface NamedGenerationOptions extends GlobalOptions {
  readonly config: string;
  readonly generation: string;
}

export function withNamedGeneration<T>(yargs: Argv<T>) {
  return withConfig(yargs).positional('generation', { type: 'string', demandOption: true });
}
