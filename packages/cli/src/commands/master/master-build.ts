import { assertFitsHost, buildMaster, planBuild } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { withSession } from '../../runtime/session.js';
import { type BuildOptions, withBuildOptions } from '../step/build-base-image.js';

async function handler(options: BuildOptions): Promise<void> {
  const { force, refreshBase } = options;
  const result = await withSession(options, async ({ context, signal, loadConfig }) => {
    const config = await loadConfig(options.config);
    assertFitsHost(config);
    if (options.dryRun) return planBuild(context, { config, force, refreshBase }, signal);
    const { generation, built } = await buildMaster(context, { config, force, refreshBase }, signal);
    return { config: config.name, generation: generation.manifest.generation, directory: generation.directory, built };
  });
  printResult(
    result,
    options.json,
    ({ built, generation, directory }) => `${built ? 'built' : 'found'} ${generation} in ${directory}`,
  );
}

export const masterBuildCommand = command<BuildOptions>({
  command: 'build <config>',
  describe: 'Build a master: steps 2 and 3 in one go',
  builder: withBuildOptions,
  handler,
});
