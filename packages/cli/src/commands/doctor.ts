import { ExitCode } from '@katavm/core';
import { examineHost } from '@katavm/lifecycle';
import { printResult } from '../render/output.js';
import { table } from '../render/table.js';
import { command } from '../runtime/command.js';
import type { GlobalOptions } from '../runtime/global-options.js';
import { withSession } from '../runtime/session.js';

interface Options extends GlobalOptions {
  readonly config: string | undefined;
}

async function handler(options: Options): Promise<void> {
  const findings = await withSession(options, async ({ context, uri, loadConfig }) => {
    const config = options.config === undefined ? undefined : await loadConfig(options.config);
    return examineHost(context, config?.vm.uri ?? uri, config);
  });
  printResult({ findings }, options.json, () =>
    table(
      ['state', 'check', 'found', 'mend'],
      findings.map(({ state, check, found, mend }) => [state, check, found, mend ?? '']),
    ),
  );
  if (findings.some(({ state }) => state === 'failed')) process.exitCode = ExitCode.hostNotReady;
}

export const doctorCommand = command<Options>({
  command: 'doctor [config]',
  describe: 'Look whether this host can do the work, and say what mends it',
  builder: (yargs) => yargs.positional('config', { type: 'string', describe: 'Look at its memory, network and connection, too' }),
  handler,
});
