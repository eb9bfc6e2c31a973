import { findCurrent, listGenerations, listMasters } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { table } from '../../render/table.js';
import { command } from '../../runtime/command.js';
import type { GlobalOptions } from '../../runtime/global-options.js';
import { withSession } from '../../runtime/session.js';

async function handler(options: GlobalOptions): Promise<void> {
  const masters = await withSession(options, async ({ context: { state } }) => {
    const names = await listMasters(state);
    return Promise.all(
      names.map(async (config) => ({
        config,
        current: (await findCurrent(state, config))?.manifest.generation,
        generations: (await listGenerations(state, config)).map(({ manifest }) => manifest.generation),
      })),
    );
  });
  printResult({ masters }, options.json, () =>
    table(
      ['config', 'current', 'generations'],
      masters.map(({ config, current, generations }) => [config, current ?? 'not built', String(generations.length)]),
    ),
  );
}

export const masterListCommand = command({
  command: 'list',
  describe: 'Show every master and its current generation',
  builder: (yargs) => yargs,
  handler,
});
