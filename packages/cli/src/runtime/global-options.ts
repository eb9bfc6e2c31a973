import type { Argv } from 'yargs';

/** What every command takes. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly progress: 'auto' | 'tty' | 'plain' | 'quiet';
  readonly verbose: boolean;
}

export function withGlobalOptions<T>(yargs: Argv<T>) {
  return yargs
    .option('json', { type: 'boolean', default: false, global: true, describe: 'Print the result as JSON' })
    .option('progress', {
      choices: ['auto', 'tty', 'plain', 'quiet'] as const,
      default: 'auto' as const,
      global: true,
      describe: 'How progress is shown on stderr',
    })
    .option('verbose', { type: 'boolean', default: false, global: true, describe: 'Show what tools and the guest print' });
}

/** Steps can say what they would do. */
export function withDryRun<T>(yargs: Argv<T>) {
  return yargs.option('dry-run', { type: 'boolean', default: false, describe: 'Print the plan, and do nothing' });
}

export function withConfig<T>(yargs: Argv<T>) {
  return yargs.positional('config', { type: 'string', demandOption: true, describe: "A config's folder, or its name" });
}

export function withCloneName<T>(yargs: Argv<T>) {
  return yargs.option('name', { type: 'string', describe: "The clone's name (default: CONFIG-clone)" });
}
