import { loadConfig, maskCredentials } from '@katavm/config';
import { composeSeed, loadAdapters } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { type GlobalOptions, withConfig } from '../../runtime/global-options.js';

interface Options extends GlobalOptions {
  readonly config: string;
}

/** The host is not touched, as in `config validate`. */
async function handler(options: Options): Promise<void> {
  const config = await loadConfig({ nameOrPath: options.config, cwd: process.cwd(), env: process.env });
  const adapters = await loadAdapters({ file: config.site.file, modules: config.site.modules });
  const { userData } = await composeSeed(adapters, config, 'any');
  printResult({ name: config.name, userData: maskCredentials(userData) }, options.json, (result) => result.userData.trimEnd());
}

export const configUserDataCommand = command<Options>({
  command: 'user-data <config>',
  describe: "Print what cloud-init is told: the config's user-data, the site's and katavm's, passwords in URLs masked",
  builder: withConfig,
  handler,
});
