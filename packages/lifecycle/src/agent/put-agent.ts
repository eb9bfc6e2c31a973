import { dirname } from 'node:path';
import type { VmConfig } from '@katavm/config';
import { KatavmError, trackStep } from '@katavm/core';
import type { GuestSession } from '@katavm/ssh-agent-runner';
import type { Context } from '../context/context.js';

export interface PutAgentInput {
  readonly config: VmConfig;
  /** On this host. */
  readonly jar: string;
  /** In the guest. */
  readonly target: string;
  readonly signal: AbortSignal;
}

/**
 * Puts agent.jar in the guest, in a folder that the login user owns, and finds a missing Java before the agent is started.
 *
 * @throws KATAVM_AGENT_JAVA_MISSING, KATAVM_AGENT_FOLDER_FAILED
 */
export async function putAgent(context: Context, session: GuestSession, input: PutAgentInput): Promise<void> {
  const { config, jar, target, signal } = input;
  const { quoteCommand } = context.adapters.ssh;
  await trackStep(context.emit, 'put agent', target, async () => {
    const { user } = config.guest;
    const makeFolder = quoteCommand(['install', '-d', '-o', user, '-g', user, dirname(target)]);
    const folder = await session.run(`sudo ${makeFolder}`, { signal });
    if (folder.exitCode !== 0) throw folderFailed(dirname(target), folder.stderr);
    const java = await session.run(`command -v ${quoteCommand([config.agent.java])}`, { signal });
    if (java.exitCode !== 0) throw javaMissing(config);
    await session.putFile({ source: jar, target, mode: 0o644, signal });
  });
}

function folderFailed(folder: string, said: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_AGENT_FOLDER_FAILED',
    message: `could not make the agent's folder ${folder} in the guest: ${said.trim()}`,
    hint: 'the guest user needs sudo without a password, or set agent.directory to a folder that it may write',
  });
}

function javaMissing({ agent, name }: VmConfig): KatavmError {
  return new KatavmError({
    code: 'KATAVM_AGENT_JAVA_MISSING',
    message: `the master of "${name}" has no "${agent.java}", and the agent needs a Java runtime`,
    hint: 'add a JRE to the packages of the config and a check "java -version", and build the master again',
  });
}
