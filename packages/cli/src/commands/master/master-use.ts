import { useGeneration } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { withSession } from '../../runtime/session.js';
import { chooseGeneration } from './choose-generation.js';
import { type NamedGenerationOptions, withNamedGeneration } from './generation-options.js';

async function handler(options: NamedGenerationOptions): Promise<void> {
  const result = await withSession(options, async ({ context, loadConfig }) => {
    const config = await loadConfig(options.config);
    const generation = await chooseGeneration(context, config.name, options.generation);
    await useGeneration(context, generation);
    return { config: config.name, generation: generation.manifest.generation };
  });
  printResult(result, options.json, ({ config, generation }) => `new clones of ${config} are made of ${generation}`);
}

export const masterUseCommand = command<NamedGenerationOptions>({
  command: 'use <config> <generation>',
  describe: 'Make new clones of this generation: the way back after a bad build',
  builder: withNamedGeneration,
  handler,
});
