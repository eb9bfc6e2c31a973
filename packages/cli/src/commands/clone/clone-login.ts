import { parseVmName } from '@katavm/core';
import { command } from '../../runtime/command.js';
import { type GlobalOptions, withDryRun } from '../../runtime/global-options.js';
import { login } from '../step/login-clone.js';

interface Options extends GlobalOptions {
  readonly name: string;
  readonly dryRun: boolean;
}

export const cloneLoginCommand = command<Options>({
  command: 'login <name>',
  describe: 'Start a clone and open a shell in it',
  builder: (yargs) => withDryRun(yargs).positional('name', { type: 'string', demandOption: true }),
  handler: (options) => login(options, async () => parseVmName(options.name, 'clone name')),
});
