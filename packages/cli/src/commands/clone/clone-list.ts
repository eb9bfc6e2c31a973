import { listClones } from '@katavm/lifecycle';
import { printResult } from '../../render/output.js';
import { table } from '../../render/table.js';
import { command } from '../../runtime/command.js';
import type { GlobalOptions } from '../../runtime/global-options.js';
import { withSession } from '../../runtime/session.js';

async function handler(options: GlobalOptions): Promise<void> {
  const clones = await withSession(options, ({ context, uri, signal }) => listClones(context, uri, signal));
  printResult({ clones }, options.json, () =>
    table(
      ['name', 'state', 'purpose', 'config', 'generation', 'created', 'owner'],
      clones.map(({ name, state, purpose, config, generation, created, owner }) => [
        name,
        state,
        purpose,
        config,
        generation,
        created ?? '',
        owner ?? '',
      ]),
    ),
  );
}

export const cloneListCommand = command({
  command: 'list',
  describe: 'Show every clone and its state',
  builder: (yargs) => yargs,
  handler,
});
