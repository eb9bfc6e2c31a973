import { parseVmName } from '@katavm/core';
import { deleteClone, usualCloneName } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { type GlobalOptions, withCloneName, withConfig, withDryRun } from '../../runtime/global-options.js';
import { withSession } from '../../runtime/session.js';

interface Options extends GlobalOptions {
  readonly config: string;
  readonly name: string | undefined;
  readonly dryRun: boolean;
}

async function handler(options: Options): Promise<void> {
  const result = await withSession(options, async ({ context, signal, loadConfig }) => {
    const config = await loadConfig(options.config);
    const name = options.name === undefined ? usualCloneName(config.name) : parseVmName(options.name, 'clone name');
    return deleteClone(context, { name, uri: config.vm.uri, dryRun: options.dryRun }, signal);
  });
  printResult(result, options.json, ({ clone, deleted }) => `${deleted ? 'deleted' : 'no clone'} ${clone}`);
}

export const deleteCloneCommand = command<Options>({
  command: 'delete-clone <config>',
  aliases: ['7-delete-clone'],
  describe: 'Step 7: delete a clone, and nothing else',
  builder: (yargs) => withCloneName(withDryRun(withConfig(yargs))),
  handler,
});
