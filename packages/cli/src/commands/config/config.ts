import { command } from '../../runtime/command.js';
import { configListCommand } from './config-list.js';
import { configSchemaCommand } from './config-schema.js';
import { configShowCommand } from './config-show.js';
import { configUserDataCommand } from './config-user-data.js';
import { configValidateCommand } from './config-validate.js';

export const configCommand = command({
  command: 'config <action>',
  describe: 'Configs: list, show, validate, user-data, schema',
  builder: (yargs) =>
    yargs
      .command(configListCommand)
      .command(configShowCommand)
      .command(configValidateCommand)
      .command(configUserDataCommand)
      .command(configSchemaCommand)
      .demandCommand(1),
  handler: () => {},
});
