import { parseVmName } from '@katavm/core';
import { cloneVm } from '@katavm/lifecycle';
import type { Argv } from 'yargs';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { type GlobalOptions, withCloneName, withConfig, withDryRun } from '../../runtime/global-options.js';
import { withSession } from '../../runtime/session.js';

export interface CloneOptions extends GlobalOptions {
  readonly config: string;
  readonly name: string | undefined;
  readonly force: boolean;
  readonly dryRun: boolean;
}

export function withCloneOptions<T>(yargs: Argv<T>) {
  return withCloneName(withDryRun(withConfig(yargs))).option('force', {
    type: 'boolean',
    default: false,
    describe: 'Replace a clone that was started, or is of an older generation',
  });
}

export async function createClone(options: CloneOptions): Promise<void> {
  const result = await withSession(options, async ({ context, signal, loadConfig }) => {
    const name = options.name === undefined ? undefined : parseVmName(options.name, 'clone name');
    const config = await loadConfig(options.config);
    return cloneVm(context, { config, name, force: options.force, dryRun: options.dryRun }, signal);
  });
  printResult(
    result,
    options.json,
    ({ clone, generation, created }) => `${created ? 'created' : 'found'} ${clone} of ${generation}`,
  );
}

export const cloneVmCommand = command<CloneOptions>({
  command: 'clone-vm <config>',
  aliases: ['4-clone-vm'],
  describe: 'Step 4: make a clone that stays until it is deleted',
  builder: withCloneOptions,
  handler: createClone,
});
