import { access } from 'node:fs/promises';
import type { VmConfig } from '@katavm/config';
import {
  type AgentNeeds,
  assertJava,
  type Context,
  configuredJar,
  configuredNeed,
  findCurrent,
  type JavaNeed,
  jarNeed,
  largerNeed,
  type Manifest,
} from '@katavm/lifecycle';
import { controllerJar, jarUrl } from '../jar/controller-jar.js';
import { needOfCached } from '../jar/controller-version.js';
import { JarCache } from '../jar/jar-cache.js';
import { readJenkinsCommand } from './jenkins-command.js';

export interface PlannedAgent {
  /** Shell text for the guest. */
  readonly command: string;
  /** What starts the agent in the guest, where that is known. */
  readonly java?: string;
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

/**
 * What to run in the guest, and where its jar comes from. A master whose Java does not do is told here, before anything boots.
 *
 * @throws KATAVM_AGENT_JAR_MISSING where the config names one that is not there, KATAVM_AGENT_JAR_INVALID, and what `assertJava` throws.
 */
export async function planAgent(context: Context, input: PlanInput): Promise<PlannedAgent> {
  const { quoteCommand } = context.adapters.ssh;
  const [text, ...more] = input.command;
  const master = (await findCurrent(context.state, input.config.name))?.manifest;
  if (text === undefined) return planConfiguredAgent(context, input, master);
  if (more.length > 0) return { command: quoteCommand(input.command), needs: undefined };
  const jenkins = readJenkinsCommand(text);
  if (!jenkins) return { command: text, needs: undefined };
  const { java, jar: target } = jenkins;
  const jar = await jarOnHost(target);
  assertJavaOf(master, input.config, java, jar === undefined ? undefined : await jarNeed(jar));
  return { command: text, java, needs: Promise.resolve({ java, target, jar }) };
}

async function planConfiguredAgent(context: Context, input: PlanInput, master: Manifest | undefined): Promise<PlannedAgent> {
  const { config, env } = input;
  const { java, javaOptions, directory } = config.agent;
  const target = `${directory}/agent.jar`;
  const command = context.adapters.ssh.quoteCommand([java, ...javaOptions, '-jar', target]);
  const configured = await configuredJar(config);
  const url = jarUrl(env);
  if (configured?.named || url === undefined) {
    assertJavaOf(master, config, java, configured && (await jarNeed(configured.path)));
    return { command, java, needs: Promise.resolve({ java, target, jar: configured?.path }) };
  }
  const { jar } = await fromController(context, input, url, master);
  return { command, java, needs: jar.then((path) => ({ java, target, jar: path })) };
}

/**
 * The guest boots while the jar comes, where the controller of last time was content with the master's Java: one that has become newer
 * since ends the boot. Where it was not, and the first time, its answer comes before the boot.
 */
async function fromController(
  context: Context,
  { config, signal }: PlanInput,
  url: string,
  master: Manifest | undefined,
): Promise<{ readonly jar: Promise<string> }> {
  const { agents: folder } = context.state;
  const check = (need: JavaNeed | undefined) => assertJavaOf(master, config, config.agent.java, need);
  const jar = controllerJar({ url, folder, emit: context.emit, signal }).then(({ path, need }) => {
    check(need);
    return path;
  });
  jar.catch(() => {}); // whoever needs it meets the failure
  const known = await new JarCache(folder).readRecord(url);
  if (!known || !passes(() => check(needOfCached(known)))) await jar;
  return { jar };
}

function assertJavaOf(master: Manifest | undefined, config: VmConfig, program: string, need: JavaNeed | undefined): void {
  if (master) assertJava(master, { program, need: largerNeed(need, configuredNeed(config)) });
}

function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
/** Jenkins has put the jar there by SFTP. Where it has not, the master must hold one. */
async function jarOnHost(path: string): Promise<string | undefined> {
  return access(path).then(
    () => path,
    () => undefined,
  );
}
