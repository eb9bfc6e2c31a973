import { command } from '../../runtime/command.js';
import { type CloneOptions, createClone, withCloneOptions } from '../step/clone-vm.js';
import { cloneDeleteCommand } from './clone-delete.js';
import { cloneListCommand } from './clone-list.js';
import { cloneLoginCommand } from './clone-login.js';

const cloneCreateCommand = command<CloneOptions>({
  command: 'create <config>',
  describe: 'Make a clone that stays until it is deleted',
  builder: withCloneOptions,
  handler: createClone,
});

export const cloneCommand = command({
  command: 'clone <action>',
  describe: 'Clones: create, list, login, delete',
  builder: (yargs) =>
    yargs
      .command(cloneCreateCommand)
      .command(cloneListCommand)
      .command(cloneLoginCommand)
      .command(cloneDeleteCommand)
      .demandCommand(1),
  handler: () => {},
});
