import { ExitCode, KatavmError } from '@katavm/core';
import { collectGarbage } from '@katavm/lifecycle';
import { printResult } from '../render/output.js';
import { command } from '../runtime/command.js';
import type { GlobalOptions } from '../runtime/global-options.js';
import { withSession } from '../runtime/session.js';

interface Options extends GlobalOptions {
  readonly keepGenerations: string;
}

async function handler(options: Options): Promise<void> {
  const keepGenerations = parseCount(options.keepGenerations);
  const { collectLaunches } = await import('@katavm/jenkins-hooks');
  const report = await withSession(options, async ({ context, uri, signal }) => {
    const garbage = await collectGarbage(context, { uri, keepGenerations }, signal);
    return { ...garbage, launchLogs: await collectLaunches(context.state) };
  });
  printResult(report, options.json, ({ clones, builds, generations, bases, runs, templates, launchLogs }) => {
    const rows = [
      ...clones.map((name) => `clone ${name}`),
      ...builds.map((path) => `build ${path}`),
      ...generations.map((name) => `generation ${name}`),
      ...bases.map((path) => `base ${path}`),
      ...runs.map((name) => `record of ${name}`),
      ...templates.map((name) => `template ${name}`),
      ...launchLogs.map((name) => `log ${name}`),
    ];
    return rows.length === 0 ? 'nothing to remove' : rows.map((row) => `removed ${row}`).join('\n');
  });
}

/** What is not understood must not become a number that removes more than was meant. */
function parseCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new KatavmError({
    code: 'KATAVM_USAGE',
    message: `"${text}" is not a number of generations to keep`,
    hint: 'write 1 or more: katavm gc --keep-generations 2',
    exitCode: ExitCode.usage,
  });
}

export const gcCommand = command<Options>({
  command: 'gc',
  describe: 'Remove what killed jobs and builds left, old generations and old bases',
  builder: (yargs) =>
    yargs.option('keep-generations', {
      type: 'string',
      default: '2',
      describe: 'How many generations of each master stay',
    }),
  handler,
});
