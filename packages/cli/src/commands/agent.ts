import { command } from '../runtime/command.js';
import { startCloneAgentCommand } from './step/start-clone-agent.js';

export const agentCommand = command({
  command: 'agent <action>',
  describe: 'The CI agent: start',
  builder: (yargs) =>
    yargs
      .command({
        ...startCloneAgentCommand,
        command: 'start <config>',
        aliases: [],
        describe: 'Run the CI agent in a fresh clone',
      })
      .demandCommand(1),
  handler: () => {},
});
