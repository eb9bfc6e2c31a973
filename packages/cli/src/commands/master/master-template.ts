import { takeTemplate } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { withSession } from '../../runtime/session.js';
import { chooseGeneration } from './choose-generation.js';
import { type GenerationOptions, withGeneration } from './generation-options.js';

interface Options extends GenerationOptions {
  readonly force: boolean;
}

async function handler(options: Options): Promise<void> {
  const result = await withSession(options, async ({ context, signal, loadConfig }) => {
    const config = await loadConfig(options.config);
    const generation = await chooseGeneration(context, config.name, options.generation);
    const { template, taken } = await takeTemplate(context, { config, generation, force: options.force }, signal);
    const { name, directory, record } = template;
    return { template: name, directory, taken, key: record.key };
  });
  printResult(
    result,
    options.json,
    ({ taken, template, directory }) => `${taken ? 'took' : 'found'} ${template} in ${directory}`,
  );
}

export const masterTemplateCommand = command<Options>({
  command: 'template <config>',
  describe: "Take a generation's memory image, from which clones start without booting (start: template)",
  builder: (yargs) =>
    withGeneration(yargs).option('force', { type: 'boolean', default: false, describe: 'Take it again where it is there' }),
  handler,
});
