import { collectGarbage } from '@katavm/lifecycle';
import { printResult } from '../render/output.js';
import { command } from '../runtime/command.js';
import type { GlobalOptions } from '../runtime/global-options.js';
import { withSession } from '../runtime/session.js';

interface Options extends GlobalOptions {
  readonly keepGenerations: number;
}

async function handler(options: Options): Promise<void> {
  const report = await withSession(options, ({ context, uri, signal }) =>
    collectGarbage(context, { uri, keepGenerations: Math.max(1, options.keepGenerations) }, signal),
  );
  printResult(report, options.json, ({ clones, builds, generations }) => {
    const rows = [
      ...clones.map((name) => `clone ${name}`),
      ...builds.map((path) => `build ${path}`),
      ...generations.map((name) => `generation ${name}`),
    ];
    return rows.length === 0 ? 'nothing to remove' : rows.map((row) => `removed ${row}`).join('\n');
  });
}

export const gcCommand = command<Options>({
  command: 'gc',
  describe: 'Remove what killed jobs and builds left, and old generations',
  builder: (yargs) =>
    yargs.option('keep-generations', { type: 'number', default: 2, describe: 'How many generations of each master stay' }),
  handler,
});
