import { command } from '../../runtime/command.js';
import { masterBuildCommand } from './master-build.js';
import { masterDeleteCommand } from './master-delete.js';
import { masterListCommand } from './master-list.js';
import { masterProfileCommand } from './master-profile.js';
import { masterShowCommand } from './master-show.js';
import { masterTemplateCommand } from './master-template.js';
import { masterUseCommand } from './master-use.js';
import { masterVerifyCommand } from './master-verify.js';

export const masterCommand = command({
  command: 'master <action>',
  describe: 'Masters: build, list, show, verify, profile, use, template, delete',
  builder: (yargs) =>
    yargs
      .command(masterBuildCommand)
      .command(masterListCommand)
      .command(masterShowCommand)
      .command(masterVerifyCommand)
      .command(masterProfileCommand)
      .command(masterUseCommand)
      .command(masterTemplateCommand)
      .command(masterDeleteCommand)
      .demandCommand(1),
  handler: () => {},
});
