import { parseVmName } from '@katavm/core';
import { type DeleteCloneResult, deleteClone, type Plan } from '@katavm/lifecycle';
import { jsonText, printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { type GlobalOptions, withDryRun } from '../../runtime/global-options.js';
import { withSession } from '../../runtime/session.js';

interface Options extends GlobalOptions {
  readonly names: readonly string[];
  readonly dryRun: boolean;
}

async function handler(options: Options): Promise<void> {
  const names = options.names.map((name) => parseVmName(name, 'clone name'));
  const results = await withSession(options, async ({ context, uri, signal }) => {
    const done: (DeleteCloneResult | Plan)[] = [];
    for (const name of names) done.push(await deleteClone(context, { name, uri, dryRun: options.dryRun }, signal));
    return done;
  });
  if (options.json) return void process.stdout.write(`${jsonText({ clones: results })}\n`);
  for (const result of results)
    printResult(result, false, ({ clone, deleted }) => `${deleted ? 'deleted' : 'no clone'} ${clone}`);
}

export const cloneDeleteCommand = command<Options>({
  command: 'delete <names..>',
  describe: 'Delete clones, and nothing else; one that is absent is no error',
  builder: (yargs) => withDryRun(yargs).positional('names', { type: 'string', array: true, demandOption: true }),
  handler,
});
