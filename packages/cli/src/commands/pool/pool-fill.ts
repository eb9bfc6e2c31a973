import { ExitCode, parseDuration } from '@katavm/core';
import { fillPool } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import type { GlobalOptions } from '../../runtime/global-options.js';
import { withSession } from '../../runtime/session.js';
import { describeConfigs } from './pool-status.js';

interface Options extends GlobalOptions {
  readonly configs: readonly string[];
  readonly timeout: string;
}

async function handler(options: Options): Promise<void> {
  const named = options.configs.length === 0 ? undefined : options.configs;
  const timeoutMilliseconds = parseDuration(options.timeout);
  const configs = await withSession(options, ({ context, signal }) =>
    fillPool(context, { configs: named, timeoutMilliseconds }, signal),
  );
  printResult({ configs }, options.json, () => describeConfigs(configs));
  if (configs.some(({ ready, size }) => ready < size)) process.exitCode = ExitCode.failed;
}

export const poolFillCommand = command<Options>({
  command: 'fill [configs..]',
  describe: 'Have the server fill the pool now, what was drained or has failed too, and wait for it',
  builder: (yargs) =>
    yargs
      .positional('configs', { type: 'string', array: true, default: [], describe: "Configs' names (default: all)" })
      .option('timeout', { type: 'string', default: '30m', describe: 'How long it may take' }),
  handler,
});
