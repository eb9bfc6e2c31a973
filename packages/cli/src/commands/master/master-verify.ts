import { verifyGeneration } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { withSession } from '../../runtime/session.js';
import { chooseGeneration } from './choose-generation.js';
import { type GenerationOptions, withGeneration } from './generation-options.js';

async function handler(options: GenerationOptions): Promise<void> {
  const result = await withSession(options, async ({ context, signal, loadConfig }) => {
    const config = await loadConfig(options.config);
    const generation = await chooseGeneration(context, config.name, options.generation);
    const files = await verifyGeneration(generation, signal);
    return { generation: generation.manifest.generation, files };
  });
  printResult(result, options.json, ({ generation, files }) =>
    [`${generation} is byte for byte what was sealed`, ...files.map(({ file, sha256 }) => `${sha256}  ${file}`)].join('\n'),
  );
}

export const masterVerifyCommand = command<GenerationOptions>({
  command: 'verify <config>',
  describe: 'Prove that a generation is byte for byte what was sealed',
  builder: withGeneration,
  handler,
});
