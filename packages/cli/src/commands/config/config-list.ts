import { listConfigs } from '@katavm/config';
import { printResult } from '../../render/output.js';
import { table } from '../../render/table.js';
import { command } from '../../runtime/command.js';
import type { GlobalOptions } from '../../runtime/global-options.js';

async function handler(options: GlobalOptions): Promise<void> {
  const configs = await listConfigs({ cwd: process.cwd(), env: process.env });
  printResult({ configs }, options.json, () =>
    table(
      ['name', 'folder'],
      configs.map(({ name, directory }) => [name, directory]),
    ),
  );
}

export const configListCommand = command({
  command: 'list',
  describe: 'Show the configs that can be named',
  builder: (yargs) => yargs,
  handler,
});
