import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { withSession } from '../../runtime/session.js';
import { chooseGeneration } from './choose-generation.js';
import { type GenerationOptions, withGeneration } from './generation-options.js';

async function handler(options: GenerationOptions): Promise<void> {
  const { manifest, directory } = await withSession(options, async ({ context, loadConfig }) => {
    const config = await loadConfig(options.config);
    return chooseGeneration(context, config.name, options.generation);
  });
  printResult({ directory, manifest }, options.json, () =>
    [
      `generation  ${manifest.generation}`,
      `created     ${manifest.created}`,
      `base        ${manifest.base.origin}`,
      `disk        ${(manifest.disk.bytes / 1024 ** 2).toFixed(0)} MiB, sha256 ${manifest.disk.sha256}`,
      `boot        ${manifest.boot.kind === 'kernel' ? 'direct kernel boot' : 'by the disk'}`,
      `user        ${manifest.guest.user}`,
      ...(manifest.java ?? []).map(({ program, version }) => `java        ${program}: ${version ?? 'none'}`),
      `folder      ${directory}`,
    ].join('\n'),
  );
}

export const masterShowCommand = command<GenerationOptions>({
  command: 'show <config>',
  describe: 'Show a generation of a master',
  builder: withGeneration,
  handler,
});
