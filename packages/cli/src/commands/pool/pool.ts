import { command } from '../../runtime/command.js';
import { poolDrainCommand } from './pool-drain.js';
import { poolFillCommand } from './pool-fill.js';
import { poolServeCommand } from './pool-serve.js';
import { poolStatusCommand } from './pool-status.js';

export const poolCommand = command({
  command: 'pool <action>',
  describe: 'Clones that are booted ahead of time: serve, status, fill, drain',
  builder: (yargs) =>
    yargs
      .command(poolServeCommand)
      .command(poolStatusCommand)
      .command(poolFillCommand)
      .command(poolDrainCommand)
      .demandCommand(1),
  handler: () => {},
});
