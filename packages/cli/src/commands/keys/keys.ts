import { command } from '../../runtime/command.js';
import { createKeysCommand } from '../step/create-keys.js';
import { keysShowCommand } from './keys-show.js';

export const keysCommand = command({
  command: 'keys <action>',
  describe: 'SSH keys: create, show',
  builder: (yargs) =>
    yargs
      .command({
        ...createKeysCommand,
        command: 'create',
        aliases: [],
        describe: 'Create the key pair that opens clones; --force rotates it',
      })
      .command(keysShowCommand)
      .demandCommand(1),
  handler: () => {},
});
