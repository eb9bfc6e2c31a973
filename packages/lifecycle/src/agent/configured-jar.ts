import { access } from 'node:fs/promises';
import type { VmConfig } from '@katavm/config';
import { ExitCode, KatavmError } from '@katavm/core';

/**
 * The jar that the config or the site file names; where they name none, the one in the usual place (`~/bin/agent.jar`) if it is
 * there. `undefined` otherwise: the master may have one.
 *
 * @throws KATAVM_AGENT_JAR_MISSING where one is named and is not there.
 */
export async function configuredJar({ agent, name, origins }: VmConfig): Promise<{ path: string; named: boolean } | undefined> {
  const named = origins.of(['agent', 'jar']) !== 'default';
  const isThere = await access(agent.jar).then(
    () => true,
    () => false,
  );
  if (isThere) return { path: agent.jar, named };
  if (!named) return undefined;
  throw new KatavmError({
    code: 'KATAVM_AGENT_JAR_MISSING',
    message: `the agent.jar of config "${name}" is not at ${agent.jar}`,
    hint: 'fetch it from the controller (JENKINS_URL/jnlpJars/agent.jar), or correct agent.jar in the config or the site file',
    exitCode: ExitCode.usage,
  });
}
