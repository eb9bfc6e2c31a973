import { KatavmError } from '@katavm/core';

export function folderFailed(folder: string, said: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_AGENT_FOLDER_FAILED',
    message: `could not make the agent's folder ${folder} in the guest: ${said.trim()}`,
    hint: 'the guest user needs sudo without a password, or name a folder that it may write: agent.directory, or the node\'s "Remote root directory"',
  });
}

export function javaMissing(java: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_AGENT_JAVA_MISSING',
    message: `the guest has no program "${java}", and the agent needs a Java runtime`,
    hint: java.includes('/')
      ? 'that path came from the config (agent.java) or from the Jenkins node ("JavaPath"): write "java" there, or the path that the guest has'
      : 'add a JRE to the packages of the config and a check "java -version", and build the master again',
  });
}

export function jarMissing(target: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_AGENT_JAR_MISSING',
    message: `there is no agent's jar: neither on this host, nor from the controller, nor in the master at ${target}`,
    hint: 'name its path as agent.jar in the config or the site file, or set the Jenkins URL in the controller\'s "System" page: agent.jar then comes from there',
  });
}

const mostShown = 200;

/** Also where it runs no command at all, and says only that. */
export function shellPrints(stdout: string, stderr: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_AGENT_SHELL_PRINTS',
    message: `the guest user's login shell does more than run the agent; it says: ${JSON.stringify((stdout || stderr).slice(0, mostShown))}`,
    hint: 'on stdout that would be the first bytes of the agent: whatever its files print (/etc/bash.bashrc, ~/.bashrc), let them print it on a terminal only, [ -t 1 ], and build the master again',
  });
}
