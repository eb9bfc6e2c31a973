import { loadConfig } from '@katavm/config';
import { composeSeed, loadAdapters } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { type GlobalOptions, withConfig } from '../../runtime/global-options.js';

interface Options extends GlobalOptions {
  readonly config: string;
}

/** The host is not touched: no state directory, no libvirt, no tool. */
async function handler(options: Options): Promise<void> {
  const config = await loadConfig({ nameOrPath: options.config, cwd: process.cwd(), env: process.env });
  const adapters = await loadAdapters({ file: config.site.file, modules: config.site.modules });
  await composeSeed(adapters, config, 'any');
  printResult({ name: config.name, valid: true }, options.json, ({ name }) => `${name} is valid`);
}

export const configValidateCommand = command<Options>({
  command: 'validate <config>',
  describe: 'Check a config and its user-data without touching the host',
  builder: withConfig,
  handler,
});
