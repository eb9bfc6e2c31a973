import { basename } from 'node:path';
import { StateDirectory, stateHome } from '@katavm/lifecycle';
import { Ending, exitCodeOf } from '../launch/ending.js';
import { launch } from '../launch/launch.js';
import { LaunchLog } from '../log/launch-log.js';
import { openOutput } from '../output/open-output.js';
import { nodeOf } from '../takeover/node-name.js';
import { askedFor } from './asked-for.js';

const usage = 'katavm-jenkins-start [--node NAME] [--boot-timeout 10m] CONFIG [COMMAND…]';

// bin/katavm-jenkins-start puts the channel to Jenkins on this descriptor, and stderr in its old place.
const [channel = '', ...argv] = process.argv.slice(2);
const ending = new Ending();
ending.listen();

const asked = askedFor(argv, usage, Number(channel));
if (asked) {
  const state = new StateDirectory(stateHome(process.env, process.getuid?.() ?? 0));
  const name = nodeOf(asked, process.env)?.node ?? basename(asked.config);
  const log = new LaunchLog({ folder: state.launchLogs, name, stderr: process.stderr });
  const output = openOutput(Number(channel));
  const input = { asked, env: process.env, stdin: process.stdin, output, log, ending };
  try {
    process.exitCode = await launch(input);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    log.tellError(error);
  }
  log.close();
}
// Jenkins' side of stdin may stay open for ever.
process.exit();
