import { keepCompiledCode } from '@katavm/core/compile-cache';
import { askedFor } from '../launch/asked-for.js';
import { connectEarly } from '../launch/early-connection.js';
import { Ending } from '../launch/ending.js';

// A site's umask is for the files that people make: what QEMU's own user must reach has its mode by design, and so has every secret.
process.umask(0o022);

const usage = 'katavm-jenkins-start [--node NAME] [--boot-timeout 10m] CONFIG [COMMAND…]';

// bin/katavm-jenkins-start puts the channel to Jenkins on this descriptor, and stderr in its old place.
const [descriptor = '', ...argv] = process.argv.slice(2);
const channel = Number(descriptor);
const ending = new Ending();
ending.listen();

const asked = askedFor(argv, usage, channel);
if (asked) {
  keepCompiledCode(process.env);
  const early = connectEarly(process.env, ending.signal);
  // Loaded while libvirt answers.
  const { runLaunch } = await import('../launch/run-launch.js');
  process.exitCode = await runLaunch({ asked, channel, ending, early });
}
// Jenkins' side of stdin may stay open for ever.
process.exit();
