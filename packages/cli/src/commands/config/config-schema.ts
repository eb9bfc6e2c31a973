import { configJsonSchema } from '@katavm/config';
import { command } from '../../runtime/command.js';

export const configSchemaCommand = command({
  command: 'schema',
  describe: 'Print the JSON schema of katavm.yaml, for editors',
  builder: (yargs) => yargs,
  handler: () => void process.stdout.write(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`),
});
