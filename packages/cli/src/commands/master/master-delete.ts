import { ExitCode, KatavmError } from '@katavm/core';
import { removeGeneration } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { withSession } from '../../runtime/session.js';
import { chooseGeneration } from './choose-generation.js';
import { type NamedGenerationOptions, withNamedGeneration } from './generation-options.js';

async function handler(options: NamedGenerationOptions): Promise<void> {
  const result = await withSession(options, async ({ context, loadConfig }) => {
    const config = await loadConfig(options.config);
    const generation = await chooseGeneration(context, config.name, options.generation);
    if (!(await removeGeneration(context, generation))) throw inUse(options.generation);
    return { config: config.name, generation: options.generation, deleted: true };
  });
  printResult(result, options.json, ({ generation }) => `deleted ${generation}`);
}

function inUse(generation: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_GENERATION_IN_USE',
    message: `generation ${generation} is the current one, or a clone still uses it`,
    hint: '"katavm clone list" shows the clones; "katavm master use" makes another generation current',
    exitCode: ExitCode.failed,
  });
}

export const masterDeleteCommand = command<NamedGenerationOptions>({
  command: 'delete <config> <generation>',
  describe: 'Delete an old generation that no clone uses',
  builder: withNamedGeneration,
  handler,
});
