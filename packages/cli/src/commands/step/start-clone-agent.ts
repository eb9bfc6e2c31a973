import { isPlan, startCloneAgent } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { reportRun } from '../../render/run-report.js';
import { command } from '../../runtime/command.js';
import { type GlobalOptions, withConfig, withDryRun } from '../../runtime/global-options.js';
import { ownDescriptors } from '../../runtime/own-descriptors.js';
import { withSession } from '../../runtime/session.js';

interface Options extends GlobalOptions {
  readonly config: string;
  readonly dryRun: boolean;
}

async function startAgent(options: Options): Promise<void> {
  const result = await withSession(options, async ({ context, signal, interrupts, loadConfig }) => {
    const config = await loadConfig(options.config);
    const { stdin, stdout, stderr } = process;
    const onCommand = interrupts.forwardTo.bind(interrupts);
    const streams = { stdin, stdout, stderr, descriptors: ownDescriptors };
    return startCloneAgent(context, { config, ...streams, onCommand, dryRun: options.dryRun }, signal);
  });
  if (isPlan(result)) return printResult(result, options.json, () => '');
  reportRun(result, options);
}

export const startCloneAgentCommand = command<Options>({
  command: 'start-clone-agent <config>',
  aliases: ['6-start-clone-agent'],
  describe: 'Step 6: run the CI agent in a fresh clone, on this stdin and stdout',
  builder: (yargs) => withDryRun(withConfig(yargs)),
  handler: startAgent,
});
