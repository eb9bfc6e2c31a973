import { command } from '../../runtime/command.js';
import { jenkinsApplyCommand } from './jenkins-apply.js';
import { jenkinsDrainCommand } from './jenkins-drain.js';
import { jenkinsNodeConfigCommand } from './jenkins-node-config.js';
import { jenkinsStatusCommand } from './jenkins-status.js';

/** Each loads the hooks' package when it runs, and no other command does: half of what that takes is Node's HTTPS. */
export const jenkinsCommand = command({
  command: 'jenkins <action>',
  describe: "Jenkins' nodes: node-config, apply, status, drain",
  builder: (yargs) =>
    yargs
      .command(jenkinsNodeConfigCommand)
      .command(jenkinsApplyCommand)
      .command(jenkinsStatusCommand)
      .command(jenkinsDrainCommand)
      .demandCommand(1),
  handler: () => {},
});
