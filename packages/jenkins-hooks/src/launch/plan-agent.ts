import { access } from 'node:fs/promises';
import type { VmConfig } from '@katavm/config';
import { type AgentNeeds, type Context, configuredJar } from '@katavm/lifecycle';
import { controllerJar, jarUrl } from '../jar/controller-jar.js';
import { readJenkinsCommand } from './jenkins-command.js';

export interface PlannedAgent {
  /** Shell text for the guest. */
  readonly command: string;
  /** What is put in place before; `undefined` for a command that brings all it needs. The jar may still be on its way. */
  readonly needs: Promise<AgentNeeds> | undefined;
}

export interface PlanInput {
  readonly config: VmConfig;
  /** None: the agent of the config. One: shell text. Several: an argument vector. */
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** What to run in the guest, and where its jar comes from. @throws KATAVM_AGENT_JAR_MISSING where the config names one that is not there. */
export async function planAgent(context: Context, input: PlanInput): Promise<PlannedAgent> {
  const { quoteCommand } = context.adapters.ssh;
  const [text, ...more] = input.command;
  if (text === undefined) return planConfiguredAgent(context, input);
  if (more.length > 0) return { command: quoteCommand(input.command), needs: undefined };
  const jenkins = readJenkinsCommand(text);
  return {
    command: text,
    needs: jenkins && jarOnHost(jenkins.jar).then((jar) => ({ java: jenkins.java, target: jenkins.jar, jar })),
  };
}

async function planConfiguredAgent(context: Context, { config, env, signal }: PlanInput): Promise<PlannedAgent> {
  const { java, javaOptions, directory } = config.agent;
  const target = `${directory}/agent.jar`;
  const command = context.adapters.ssh.quoteCommand([java, ...javaOptions, '-jar', target]);
  const configured = await configuredJar(config);
  const url = jarUrl(env);
  const jar =
    configured?.named || url === undefined
      ? Promise.resolve(configured?.path)
      : controllerJar({ url, folder: context.state.agents, emit: context.emit, signal });
  return { command, needs: jar.then((path) => ({ java, target, jar: path })) };
}

/** Jenkins has put the jar there by SFTP. Where it has not, the master must hold one. */
async function jarOnHost(path: string): Promise<string | undefined> {
  return access(path).then(
    () => path,
    () => undefined,
  );
}
