import { completeBaseImage } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { type GlobalOptions, withConfig, withDryRun } from '../../runtime/global-options.js';
import { withSession } from '../../runtime/session.js';

interface Options extends GlobalOptions {
  readonly config: string;
  readonly dryRun: boolean;
}

async function handler(options: Options): Promise<void> {
  const result = await withSession(options, async ({ context, signal, loadConfig }) => {
    const config = await loadConfig(options.config);
    return completeBaseImage(context, { config, dryRun: options.dryRun }, signal);
  });
  printResult(
    result,
    options.json,
    ({ generation, completed, directory }) => `${completed ? 'sealed' : 'found'} ${generation} in ${directory}`,
  );
}

export const completeBaseImageCommand = command<Options>({
  command: 'complete-base-image <config>',
  aliases: ['3-complete-base-image'],
  describe: 'Step 3: put files, run commands and checks, seal, and freeze a generation',
  builder: (yargs) => withDryRun(withConfig(yargs)),
  handler,
});
