import { isKatavmError, messageOf } from '@katavm/core';
import { askedFor } from '../launch/asked-for.js';
import { Ending, exitCodeOf } from '../launch/ending.js';
import { stop } from '../stop/stop.js';

// A site's umask is for the files that people make: what QEMU's own user must reach has its mode by design, and so has every secret.
process.umask(0o022);

const usage = 'katavm-jenkins-stop [--node NAME] CONFIG';

const [channel = '', ...argv] = process.argv.slice(2);
const ending = new Ending();
ending.listen();
process.stderr.on('error', () => {});
const tell = (line: string) => void process.stderr.write(`katavm: ${line}\n`);

const asked = askedFor(argv, usage, Number(channel));
if (asked) {
  try {
    await stop({ asked, env: process.env, tell, signal: ending.signal });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    tell(isKatavmError(error) ? `error[${error.code}]: ${error.message}` : `this is a bug in katavm: ${messageOf(error)}`);
  }
}
process.exit();
