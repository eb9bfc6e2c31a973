import { explain, loadConfig } from '@katavm/config';
import { printResult } from '../../render/output.js';
import { table } from '../../render/table.js';
import { command } from '../../runtime/command.js';
import { type GlobalOptions, withConfig } from '../../runtime/global-options.js';

interface Options extends GlobalOptions {
  readonly config: string;
  readonly origin: boolean;
}

async function handler(options: Options): Promise<void> {
  const config = await loadConfig({ nameOrPath: options.config, cwd: process.cwd(), env: process.env });
  const values = explain(config);
  printResult({ name: config.name, directory: config.directory, values }, options.json, () => {
    const rows = values.map(({ path, value, origin }) => [path, JSON.stringify(value), origin]);
    return options.origin
      ? table(['key', 'value', 'origin'], rows)
      : table(
          ['key', 'value'],
          rows.map((row) => row.slice(0, 2)),
        );
  });
}

export const configShowCommand = command<Options>({
  command: 'show <config>',
  describe: 'Show every value of a config, the site file merged in',
  builder: (yargs) =>
    withConfig(yargs).option('origin', { type: 'boolean', default: false, describe: 'Show where each value was written' }),
  handler,
});
