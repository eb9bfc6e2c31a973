import { access } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import type { VmConfig } from '@katavm/config';
import { ExitCode, KatavmError } from '@katavm/core';
import type { GuestSession, PipedCommand } from '@katavm/ssh-agent-runner';
import { putAgent } from '../agent/put-agent.js';
import { jobCloneName } from '../clone/clone-names.js';
import type { Context } from '../context/context.js';
import { type RunResult, runInClone } from '../run/run-in-clone.js';
import { currentGeneration } from '../state/generations.js';
import { type Plan, planOf, type StepOptions } from './plan.js';

export interface StartCloneAgentInput extends StepOptions {
  readonly config: VmConfig;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly onCommand?: (command: PipedCommand) => void;
}

/** Step 6: the CI agent in a fresh clone, on this process's stdin and stdout. The clone dies with the session. */
export async function startCloneAgent(
  context: Context,
  input: StartCloneAgentInput,
  signal: AbortSignal,
): Promise<RunResult | Plan> {
  const { config } = input;
  const { agent } = config;
  const jar = await agentJar(config);
  const { manifest } = await currentGeneration(context.state, config.name);
  const inGuest = `${agent.directory}/agent.jar`;
  const command = context.adapters.ssh.quoteCommand([agent.java, ...agent.javaOptions, '-jar', inGuest]);
  if (input.dryRun) {
    return planOf(
      ['clone and start', manifest.generation],
      ['put file', inGuest],
      ['run', command],
      ['delete clone', 'when the agent ends'],
    );
  }
  return runInClone(
    context,
    {
      config,
      name: jobCloneName(config.name),
      command,
      stdin: input.stdin,
      stdout: input.stdout,
      stderr: input.stderr,
      keepOnFailure: false,
      prepare: (session: GuestSession) => putAgent(context, session, { jar, target: inGuest, config, signal }),
      ...(input.onCommand ? { onCommand: input.onCommand } : {}),
    },
    signal,
  );
}

/** Looked for before anything is started. @throws KATAVM_AGENT_JAR_MISSING */
async function agentJar({ agent, name }: VmConfig): Promise<string> {
  const found =
    agent.jar !== undefined &&
    (await access(agent.jar)
      .then(() => true)
      .catch(() => false));
  if (found && agent.jar !== undefined) return agent.jar;
  throw new KatavmError({
    code: 'KATAVM_AGENT_JAR_MISSING',
    message:
      agent.jar === undefined
        ? `config "${name}" names no agent.jar`
        : `the agent.jar of config "${name}" is not at ${agent.jar}`,
    hint: 'fetch it from the controller (JENKINS_URL/jnlpJars/agent.jar) and name its path as agent.jar in the config or the site file',
    exitCode: ExitCode.usage,
  });
}
