import type { Readable } from 'node:stream';
import type { VmConfig } from '@katavm/config';
import { type Context, jobCloneName, prepareAgent, type RunEnding, runInClone } from '@katavm/lifecycle';
import { bootTimeoutOf, type HookArguments } from '../arguments/parse-arguments.js';
import { HeldInput } from '../input/held-input.js';
import { watchInput } from '../input/watch-input.js';
import { JavaComplaint } from '../log/java-complaint.js';
import type { LaunchLog } from '../log/launch-log.js';
import type { AgentOutput } from '../output/open-output.js';
import { type LaunchRecord, removeLaunch, writeLaunch } from '../takeover/launch-records.js';
import { type JenkinsNode, nodeOf } from '../takeover/node-name.js';
import { ownIdentity } from '../takeover/process-identity.js';
import { takeOver } from '../takeover/take-over.js';
import { streamsOfAgent } from './agent-streams.js';
import type { EarlyConnection } from './early-connection.js';
import { agentStuck, type Ending, inputEnded, isGoodEnd } from './ending.js';
import { type AgentChannel, openChannel } from './open-channel.js';
import { openContextOf } from './open-context.js';
import { type PlannedAgent, planAgent } from './plan-agent.js';

export interface LaunchInput {
  readonly asked: HookArguments;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Readable;
  /** The channel to Jenkins. */
  readonly output: AgentOutput;
  /** Its descriptor. */
  readonly channelDescriptor: number;
  readonly log: LaunchLog;
  readonly ending: Ending;
  readonly early: EarlyConnection;
}

/** Clones, starts, runs the agent, deletes. @returns the agent's exit code. */
export async function launch(input: LaunchInput): Promise<number> {
  const { asked, env, log, ending } = input;
  const held = new HeldInput(input.stdin, () => ending.end(inputEnded()));
  const { config, context } = await openContextOf({ nameOrPath: asked.config, env, emit: log.emit, early: input.early });
  const clone = jobCloneName(config.name);
  const jenkins = nodeOf(asked, env);
  const record = jenkins && recordOf(jenkins, config, clone, log.path);
  // A clone of the pool brings a name of its own: the record of the launch names the clone that it really has.
  let written: string = clone;
  const onClone = async (name: string) => {
    if (record && name !== written) await writeLaunch(context.state.launches, { ...record, clone: name });
    written = name;
  };
  let channel: AgentChannel | undefined;
  try {
    if (record) await takeOver(context, record, ending.signal);
    const agent = await planAgent(context, { config, command: asked.command, env, signal: ending.signal });
    channel = await openChannel(context, { env, jenkins, output: input.output, ending });
    return await runAgent(context, { ...input, config, clone, agent, held, channel, onClone });
  } finally {
    // Before the gate asks for the node's next launch, which would find this one and end it.
    if (record) await removeLaunch(context.state.launches, record);
    await channel?.close();
    await context.close();
  }
}

interface RunAgentInput extends LaunchInput {
  readonly config: VmConfig;
  readonly clone: ReturnType<typeof jobCloneName>;
  readonly onClone: (name: string) => Promise<void>;
  readonly agent: PlannedAgent;
  readonly held: HeldInput;
  /** The agent's way to Jenkins. */
  readonly channel: AgentChannel;
}

async function runAgent(context: Context, input: RunAgentInput): Promise<number> {
  const { asked, config, clone, agent, log, ending } = input;
  // A jar that cannot be had ends the boot at once.
  agent.needs?.catch((error) => ending.end(error));
  const streams = streamsOfAgent(input);
  const complaint = new JavaComplaint();
  let stopWatching = () => {};
  let running: string = clone;
  try {
    const result = await runInClone(
      context,
      {
        config,
        name: clone,
        command: agent.command,
        ...streams,
        stderr: log.agentErrors(complaint),
        keepOnFailure: false,
        bootTimeoutMilliseconds: bootTimeoutOf(asked),
        onClone: async (name) => {
          running = name;
          await input.onClone(name);
        },
        prepare: async (session) => {
          await prepareAgent(context, session, await agent.needs, ending.signal);
          log.tell(`the agent runs in ${running}`);
        },
        onCommand: (command) => {
          ending.agentRuns();
          stopWatching = watchInput(streams.watched(command), () => ending.end(agentStuck()));
        },
        beforeDelete: ({ consoleLog, end }: RunEnding) => {
          stopWatching();
          const well = end?.exitCode === 0 || isGoodEnd(ending.signal.reason);
          return well ? Promise.resolve() : log.keepConsole(consoleLog);
        },
      },
      ending.signal,
    );
    log.tell(`the agent ended with exit code ${result.exitCode}; ${result.clone} is deleted`);
    return result.exitCode;
  } finally {
    stopWatching();
    const explanation = complaint.explain(agent.java ?? 'java', config.name);
    if (explanation) log.tellError(explanation);
  }
}

/** Only a launch whose node is known can be taken over from, and take over. */
function recordOf(jenkins: JenkinsNode, config: VmConfig, clone: string, log: string): LaunchRecord {
  return { version: 1, ...jenkins, config: config.name, clone, started: new Date().toISOString(), log, ...ownIdentity() };
}
