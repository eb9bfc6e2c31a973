import { basename } from 'node:path';
import { stateHome } from '@katavm/core';
import { StateDirectory } from '@katavm/lifecycle';
import type { HookArguments } from '../arguments/parse-arguments.js';
import { LaunchLog } from '../log/launch-log.js';
import { openOutput } from '../output/open-output.js';
import { nodeOf } from '../takeover/node-name.js';
import type { EarlyConnection } from './early-connection.js';
import { type Ending, exitCodeOf } from './ending.js';
import { launch } from './launch.js';

export interface RunLaunchInput {
  readonly asked: HookArguments;
  /** The descriptor that leads to Jenkins. */
  readonly channel: number;
  readonly ending: Ending;
  readonly early: EarlyConnection;
}

/** A launch on this process's streams. @returns what the process is to end with. */
export async function runLaunch({ asked, channel, ending, early }: RunLaunchInput): Promise<number> {
  const { env, stdin, stderr } = process;
  const state = new StateDirectory(stateHome(env, process.getuid?.() ?? 0));
  const name = nodeOf(asked, env)?.node ?? basename(asked.config);
  const log = new LaunchLog({ folder: state.launchLogs, name, stderr });
  try {
    return await launch({ asked, env, stdin, output: openOutput(channel), channelDescriptor: channel, log, ending, early });
  } catch (error) {
    log.tellError(error);
    return exitCodeOf(error);
  } finally {
    // Also after a launch that failed: a node that fails every minute would fill the disk.
    await log.removeOld().catch(() => {});
    log.close();
  }
}
