import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import type { GlobalOptions } from '../../runtime/global-options.js';
import { withSession } from '../../runtime/session.js';

interface Options extends GlobalOptions {
  readonly keyName: string;
}

async function handler(options: Options): Promise<void> {
  const key = await withSession(options, ({ context, signal }) =>
    context.adapters.keys.readKeyPair(context.state.key(options.keyName), signal),
  );
  printResult(key, options.json, ({ path, publicKey, fingerprint }) => `${path}\n${fingerprint}\n${publicKey}`);
}

export const keysShowCommand = command<Options>({
  command: 'show',
  describe: 'Show the public key and its fingerprint',
  builder: (yargs) => yargs.option('key-name', { type: 'string', default: 'katavm', describe: 'Name of the pair' }),
  handler,
});
