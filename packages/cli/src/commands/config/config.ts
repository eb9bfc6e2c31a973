import { command } from '../../runtime/command.js';
import { configListCommand } from './config-list.js';
import { configSchemaCommand } from './config-schema.js';
import { configShowCommand } from './config-show.js';
import { configValidateCommand } from './config-validate.js';

export const configCommand = command({
  command: 'config <action>',
  describe: 'Configs: list, show, validate, schema',
  builder: (yargs) =>
    yargs
      .command(configListCommand)
      .command(configShowCommand)
      .command(configValidateCommand)
      .command(configSchemaCommand)
      .demandCommand(1),
  handler: () => {},
});
