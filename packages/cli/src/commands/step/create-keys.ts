import { type CreateKeysInput, createKeys } from '@katavm/lifecycle';
import type { Argv } from 'yargs';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { type GlobalOptions, withDryRun } from '../../runtime/global-options.js';
import { withSession } from '../../runtime/session.js';

interface Options extends GlobalOptions {
  readonly keyName: string;
  readonly type: CreateKeysInput['type'];
  readonly force: boolean;
  readonly dryRun: boolean;
}

function builder<T>(yargs: Argv<T>) {
  return withDryRun(yargs)
    .option('key-name', { type: 'string', default: 'katavm', describe: 'Name of the pair, as in "keys: {name: …}" of a config' })
    .option('type', {
      choices: ['ed25519', 'ecdsa', 'rsa'] as const,
      default: 'ed25519' as const,
      describe: 'ecdsa saves an emulated guest 20 ms a login; rsa makes 4096 bits',
    })
    .option('force', { type: 'boolean', default: false, describe: 'Replace an existing pair; the next clone gets the new one' });
}

async function handler(options: Options): Promise<void> {
  const { json, dryRun, force, type, keyName: name } = options;
  const result = await withSession(options, ({ context, signal }) => createKeys(context, { name, type, force, dryRun }, signal));
  printResult(result, json, ({ path, fingerprint, created }) => `${created ? 'created' : 'found'} ${path} ${fingerprint}`);
}

export const createKeysCommand = command<Options>({
  command: 'create-keys',
  aliases: ['1-create-keys'],
  describe: 'Step 1: create the SSH key pair that opens clones',
  builder,
  handler,
});
