import { ExitCode, formatCommand, KatavmError } from '@katavm/core';

/** How Jenkins starts a node's agent. */
export type Launcher =
  | { readonly kind: 'command'; readonly command: string }
  | {
      readonly kind: 'ssh';
      readonly host: string;
      readonly port: number;
      readonly credentialsId: string;
      readonly prefix: string;
      readonly suffix: string;
    };

/** A node that makes a clone for each of its builds, as Jenkins has to know it. */
export interface NodeDefinition {
  readonly name: string;
  readonly labels: readonly string[];
  /** In the guest. */
  readonly remoteFs: string;
  readonly launcher: Launcher;
}

export interface NodeInput {
  /** A config's name or folder, as the hook is to be told it. */
  readonly config: string;
  readonly name: string;
  readonly labels: readonly string[];
  /** The guest folder that the agent works in: the config's `agent.directory`. */
  readonly remoteFs: string;
  /** The hook's program on the host. Default `katavm-jenkins-start`. */
  readonly hook?: string | undefined;
  /** Where Jenkins reaches the host by SSH; without it Jenkins runs on the host itself. */
  readonly ssh?: { readonly host: string; readonly port: number; readonly credentialsId: string } | undefined;
}

/** Demand: launched at once, ended after a minute without a build, the least that Jenkins knows. */
export const retention = { inDemandDelay: 0, idleDelay: 1 };

/** @throws KATAVM_JENKINS_NODE_INVALID */
export function defineNode({ config, name, labels, remoteFs, hook = 'katavm-jenkins-start', ssh }: NodeInput): NodeDefinition {
  // Jenkins.checkGoodName; a slash would be a way to another page of its.
  if (!/^[^?*/\\%!@#$^&|<>[\]:;]+$/.test(name) || /^\.+$/.test(name))
    throw invalid(`${JSON.stringify(name)} cannot be a node's name`);
  for (const label of labels) if (!/^[\w.+-]+$/.test(label)) throw invalid(`${JSON.stringify(label)} cannot be a label`);
  if (!ssh) return { name, labels, remoteFs, launcher: { kind: 'command', command: formatCommand(hook, [config]) } };
  // No such login knows which node it is for. The suffix ends what the prefix begins: Jenkins' own command, as one argument.
  const prefix = `${formatCommand(hook, ['--node', name, config])} '`;
  return { name, labels, remoteFs, launcher: { kind: 'ssh', ...ssh, prefix, suffix: "'" } };
}

function invalid(message: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_NODE_INVALID',
    message,
    hint: 'use letters, digits, dots, hyphens and underscores',
    exitCode: ExitCode.usage,
  });
}
