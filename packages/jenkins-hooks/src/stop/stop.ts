import type { Emit } from '@katavm/core';
import { collectDeadJobs } from '@katavm/lifecycle';
import type { HookArguments } from '../arguments/parse-arguments.js';
import { connectEarly } from '../launch/early-connection.js';
import { openContextOf } from '../launch/open-context.js';
import { launchesOf } from '../takeover/launch-records.js';
import { nodeOf } from '../takeover/node-name.js';
import { endLaunch } from '../takeover/take-over.js';

export interface StopInput {
  readonly asked: HookArguments;
  readonly env: NodeJS.ProcessEnv;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Ends the launch of this node, where the node is known and its launch still runs, and deletes the clones whose hook has died.
 * A clone whose hook lives is never touched: that hook deletes it.
 */
export async function stop({ asked, env, tell, signal }: StopInput): Promise<void> {
  const emit: Emit = (event) => void (event.type === 'notice' && tell(event.message));
  const early = connectEarly(env, signal);
  const { config, context } = await openContextOf({ nameOrPath: asked.config, env, emit, early });
  try {
    const jenkins = nodeOf(asked, env);
    const launches = jenkins ? await launchesOf(context.state.launches, jenkins) : [];
    const ofConfig = launches.filter((launch) => launch.config === config.name);
    await Promise.all(ofConfig.map((launch) => endLaunch(context, launch, signal)));
    for (const name of await collectDeadJobs(context, config.vm.uri, signal)) tell(`deleted clone ${name}, whose hook had died`);
  } finally {
    await context.close();
  }
}
