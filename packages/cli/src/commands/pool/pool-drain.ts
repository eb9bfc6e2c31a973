import { parseDuration } from '@katavm/core';
import { drainPool } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import type { GlobalOptions } from '../../runtime/global-options.js';
import { withSession } from '../../runtime/session.js';

interface Options extends GlobalOptions {
  readonly configs: readonly string[];
  readonly timeout: string;
}

async function handler(options: Options): Promise<void> {
  const configs = options.configs.length === 0 ? undefined : options.configs;
  const timeoutMilliseconds = parseDuration(options.timeout);
  const clones = await withSession(options, ({ context, uri, signal }) =>
    drainPool(context, { configs, uri, timeoutMilliseconds }, signal),
  );
  printResult({ clones }, options.json, () =>
    clones.length === 0 ? 'nothing waited' : clones.map((name) => `deleted ${name}`).join('\n'),
  );
}

export const poolDrainCommand = command<Options>({
  command: 'drain [configs..]',
  describe: 'Delete the clones that wait, and boot no others until "pool fill"',
  builder: (yargs) =>
    yargs
      .positional('configs', { type: 'string', array: true, default: [], describe: "Configs' names (default: all)" })
      .option('timeout', { type: 'string', default: '5m', describe: 'How long it may take' }),
  handler,
});
