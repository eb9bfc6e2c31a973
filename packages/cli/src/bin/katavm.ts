import { keepCompiledCode } from '@katavm/core/compile-cache';
import { printVersion } from '../version.js';

// A site's umask is for the files that people make: what QEMU's own user must reach has its mode by design, and so has every secret.
process.umask(0o022);

const argv = process.argv.slice(2);
// Whoever asks for the version alone, such as a script that looks what is installed, waits for nothing else to be loaded.
if (argv.join(' ') !== '--version' || !printVersion()) {
  keepCompiledCode(process.env);
  const { main } = await import('../main.js');
  await main(argv);
}
