import type { Readable, Writable } from 'node:stream';
import type { VmConfig } from '@katavm/config';
import type { Descriptors, GuestSession, PipedCommand } from '@katavm/ssh-agent-runner';
import { assertJava } from '../agent/assert-java.js';
import { configuredJar } from '../agent/configured-jar.js';
import { configuredNeed, largerNeed } from '../agent/java-record.js';
import { prepareAgent } from '../agent/prepare-agent.js';
import { jarNeed } from '../agent/read-jar.js';
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
  /** As `RunInput.descriptors`. */
  readonly descriptors?: (() => Descriptors | undefined) | undefined;
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
  const jar = (await configuredJar(config))?.path;
  const { manifest } = await currentGeneration(context.state, config.name);
  assertJava(manifest, { program: agent.java, need: largerNeed(jar ? await jarNeed(jar) : undefined, configuredNeed(config)) });
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
      descriptors: input.descriptors,
      keepOnFailure: false,
      prepare: (session: GuestSession) => prepareAgent(context, session, { java: agent.java, target: inGuest, jar }, signal),
      ...(input.onCommand ? { onCommand: input.onCommand } : {}),
    },
    signal,
  );
}
