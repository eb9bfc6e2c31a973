import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { ExitCode, KatavmError, messageOf } from '@katavm/core';
import { type Context, listQuiet } from '@katavm/lifecycle';
import { type AgentOutput, closeOutput } from '../output/open-output.js';
import type { JenkinsNode } from '../takeover/node-name.js';
import { buildEnded, type Ending } from './ending.js';

/** Where the agent writes to, on its way to Jenkins. */
export interface AgentChannel {
  readonly stdout: Writable;
  /** True where nothing stands between the agent and Jenkins. */
  readonly straight: boolean;
  /** To be called when the agent has ended and its clone is deleted. */
  close(): Promise<void>;
}

export interface OpenChannelInput {
  readonly env: NodeJS.ProcessEnv;
  readonly jenkins: JenkinsNode | undefined;
  readonly output: AgentOutput;
  readonly ending: Ending;
}

/** An agent that has ended leaves a few bytes at most: Jenkins takes them at once, or does not read any more. */
const lastBytesMilliseconds = 5000;

/**
 * The agent's way to Jenkins: through the gate, where the settings ask for it (docs/jenkins.md), else straight.
 *
 * @throws KATAVM_JENKINS_NODE_UNKNOWN where the gate is wanted and nobody says which node this is, and what `createGate` throws.
 */
export async function openChannel(context: Context, { env, jenkins, output, ending }: OpenChannelInput): Promise<AgentChannel> {
  const { loadJenkinsSettings } = await import('../rest/settings.js');
  const { connection, singleUse } = await loadJenkinsSettings(env);
  if (singleUse !== 'gate' || !connection) return { stdout: output, straight: true, close: () => closeOutput(output) };
  if (!jenkins) throw nodeUnknown();
  const [{ createGate }, { JenkinsClient }] = await Promise.all([
    import('../gate/index.js'),
    import('../rest/jenkins-client.js'),
  ]);
  const { state, emit } = context;
  const { signal } = ending;
  const client = new JenkinsClient(connection);
  const isHostQuiet = async () => (await listQuiet(state)).length > 0;
  const gate = await createGate({ client, node: jenkins.node, folder: state.closedNodes, isHostQuiet, signal, emit });
  const passed = pipeline(gate.agentToController, output, { end: false }).catch(() => {}); // Jenkins has gone: the agent's end tells it
  gate.finished.then(
    ({ build }) => ending.end(buildEnded(build)),
    (error) => ending.end(error),
  );
  return {
    stdout: gate.agentToController,
    straight: false,
    async close() {
      // What is held when there is no telling whether a second build would come must not get through: only an agent's own end lets it.
      if (signal.aborted) gate.agentToController.destroy();
      else gate.agentToController.end();
      await Promise.race([passed, pause(lastBytesMilliseconds)]);
      gate.agentToController.destroy();
      await closeOutput(output);
      await gate.afterBuild().catch((error) => {
        emit({ type: 'notice', level: 'warning', code: 'KATAVM_JENKINS_NODE_LEFT_OFFLINE', message: messageOf(error) });
      });
    },
  };
}

function nodeUnknown(): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_NODE_UNKNOWN',
    message: 'the gate is wanted (singleUse: gate), and nobody says which node this is',
    hint: 'over SSH, name it in the prefix: katavm-jenkins-start --node NAME CONFIG',
    exitCode: ExitCode.usage,
  });
}
