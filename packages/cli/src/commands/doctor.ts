import { ExitCode } from '@katavm/core';
import { examineHost, type Finding } from '@katavm/lifecycle';
import { printResult } from '../render/output.js';
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
  printResult({ findings }, options.json, () => findings.map(describe).join('\n'));
  if (findings.some(({ state }) => state === 'failed')) process.exitCode = ExitCode.hostNotReady;
}

/** A line for what was found, and one for what mends it. */
function describe({ state, check, found, mend }: Finding): string {
  const line = `${state.padEnd(stateWidth)}${check}: ${found}`;
  return mend === undefined ? line : `${line}\n${' '.repeat(stateWidth)}mend: ${mend}`;
}

/** As wide as `warning`, and a blank. */
const stateWidth = 8;

export const doctorCommand = command<Options>({
  command: 'doctor [config]',
  describe: 'Look whether this host can do the work, and say what mends it',
  builder: (yargs) => yargs.positional('config', { type: 'string', describe: 'Look at its memory, network and connection, too' }),
  handler,
});
