import { buildBaseImage } from '@katavm/lifecycle';
import type { Argv } from 'yargs';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { type GlobalOptions, withConfig, withDryRun } from '../../runtime/global-options.js';
import { withSession } from '../../runtime/session.js';

export interface BuildOptions extends GlobalOptions {
  readonly config: string;
  readonly force: boolean;
  readonly refreshBase: boolean;
  readonly dryRun: boolean;
}

export function withBuildOptions<T>(yargs: Argv<T>) {
  return withDryRun(withConfig(yargs))
    .option('force', { type: 'boolean', default: false, describe: 'Build again what is there already' })
    .option('refresh-base', { type: 'boolean', default: false, describe: 'Fetch or build the base again, too' });
}

async function handler(options: BuildOptions): Promise<void> {
  const result = await withSession(options, async ({ context, signal, loadConfig }) => {
    const config = await loadConfig(options.config);
    const { force, refreshBase, dryRun } = options;
    return buildBaseImage(context, { config, force, refreshBase, dryRun }, signal);
  });
  printResult(result, options.json, ({ generation, built, config }) =>
    built
      ? `built ${generation}; next: katavm complete-base-image ${config}`
      : `found ${generation}; next: katavm complete-base-image ${config}`,
  );
}

export const buildBaseImageCommand = command<BuildOptions>({
  command: 'build-base-image <config>',
  aliases: ['2-build-base-image'],
  describe: 'Step 2: boot the base, and follow cloud-init to its end',
  builder: withBuildOptions,
  handler,
});
