import { ExitCode, KatavmError } from '@katavm/core';
import type { JavaNeed } from './java-record.js';

export function folderFailed(folder: string, said: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_AGENT_FOLDER_FAILED',
    message: `could not make the agent's folder ${folder} in the guest: ${said.trim()}`,
    hint: 'the guest user needs sudo without a password, or name a folder that it may write: agent.directory, or the node\'s "Remote root directory"',
  });
}

/** Which Java is meant: of a master, or of the guest that runs. */
type Master = { readonly config: string; readonly generation: string } | undefined;

function inMaster(master: Master): string {
  return master ? `the master of "${master.config}" (generation ${master.generation})` : 'the guest';
}

/** @param fit a Java of the same master that would do. */
export function javaMissing(java: string, master?: Master, fit?: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_AGENT_JAVA_MISSING',
    message: `${inMaster(master)} has no program "${java}", and the agent needs a Java runtime`,
    hint: fit ? useOther(fit) : missingHint(java),
  });
}

function missingHint(java: string): string {
  return java.includes('/')
    ? 'that path came from the config (agent.java) or from the Jenkins node ("JavaPath"): write "java" there, or the path that the guest has'
    : 'add a JRE to the packages of the config and a check "java -version", and build the master again';
}

export function javaPrints(java: string, master: Master, prints: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_AGENT_JAVA_PRINTS',
    message: `"${java}" in ${inMaster(master)} prints on stdout before it runs anything: ${JSON.stringify(prints)}`,
    hint: 'Jenkins would take that for the first bytes of the agent: name the real Java as agent.java, or let the wrapper print on stderr',
  });
}

export function javaTooOld(input: {
  readonly program: string;
  readonly version: string | undefined;
  readonly need: JavaNeed;
  readonly master: Master;
  readonly config: string;
  /** Another Java of the same master that would do. */
  readonly fit?: string | undefined;
}): KatavmError {
  const { program, version, need, master, config, fit } = input;
  return new KatavmError({
    code: 'KATAVM_AGENT_JAVA_OLD',
    message: `${need.of} needs Java ${need.major}, and "${program}" in ${inMaster(master)} is Java ${version}`,
    hint: fit
      ? useOther(fit)
      : `put a Java ${need.major} runtime into the packages of config "${config}", or take a config that has one, and build the master again: katavm master build ${config}`,
    details: { needed: need.major, version },
  });
}

function useOther(path: string): string {
  return `the master has one that fits: write "java: ${path}" below "agent:" in the config or the site file (over SSH: as JavaPath of the node); no new build is needed`;
}

export function jarInvalid(path: string, reason: string, begins: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_AGENT_JAR_INVALID',
    message: `${path} is not a jar: ${reason} It begins with ${JSON.stringify(begins)}`,
    hint: 'fetch it again from the controller (JENKINS_URL/jnlpJars/agent.jar), and look whether that gives a jar or a page to log in',
    exitCode: ExitCode.usage,
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
