// The exports, types and files of each published package, as publint judges them.
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { publishedPackages } from '../release/packages.js';

for (const { folder, manifest } of await publishedPackages()) {
  const { messages } = await publint({ pkgDir: folder, strict: true, pack: false });
  for (const message of messages) {
    process.stderr.write(`${folder}: ${formatMessage(message, manifest)}\n`);
    process.exitCode = 1;
  }
}
