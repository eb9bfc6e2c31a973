import { command } from '../../runtime/command.js';
import { jenkinsApplyCommand } from './jenkins-apply.js';
import { jenkinsDrainCommand } from './jenkins-drain.js';
import { jenkinsNodeConfigCommand } from './jenkins-node-config.js';
import { jenkinsStatusCommand } from './jenkins-status.js';

/** Each loads the hooks' package when it runs: other commands need neither that nor Node's HTTPS, and would start 20 ms later. */
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
