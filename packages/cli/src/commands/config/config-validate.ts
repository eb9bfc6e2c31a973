import { loadConfig } from '@katavm/config';
import { loadAdapters } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { type GlobalOptions, withConfig } from '../../runtime/global-options.js';

interface Options extends GlobalOptions {
  readonly config: string;
}

/** The host is not touched: no state directory, no libvirt, no tool. */
async function handler(options: Options): Promise<void> {
  const config = await loadConfig({ nameOrPath: options.config, cwd: process.cwd(), env: process.env });
  const { cloudinit } = await loadAdapters({ file: config.site.file, modules: config.site.modules });
  const { userDataFile } = config.cloudInit;
  const own = userDataFile === undefined ? undefined : await cloudinit.readUserData(userDataFile);
  const { user, hostname } = config.guest;
  cloudinit.compose({
    own,
    user,
    hostname,
    instanceId: 'validate',
    proxy: config.proxy,
    site: config.site.cloudConfig,
    bootCommands: [],
  });
  printResult({ name: config.name, valid: true }, options.json, ({ name }) => `${name} is valid`);
}

export const configValidateCommand = command<Options>({
  command: 'validate <config>',
  describe: 'Check a config and its user-data without touching the host',
  builder: withConfig,
  handler,
});
