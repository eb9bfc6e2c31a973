import { approvalHash } from './approval-hash.js';
import { type Launcher, type NodeDefinition, retention } from './node-definition.js';

/**
 * The nodes as a part of a file for Jenkins' Configuration as Code. A part: Jenkins removes the permanent nodes and the approvals that its
 * files do not name.
 */
export function toCasc(nodes: readonly NodeDefinition[]): string {
  const commands = nodes.flatMap(({ launcher }) => (launcher.kind === 'command' ? [launcher.command] : []));
  const approvals = [...new Set(commands)].map((command) => `    - ${text(approvalHash(command))} # ${command}`);
  const lines = [
    'jenkins:',
    '  nodes:',
    ...nodes.flatMap(nodeLines),
    ...(approvals.length > 0 ? ['security:', '  scriptApproval:', '    approvedScriptHashes:', ...approvals] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function nodeLines({ name, labels, remoteFs, launcher }: NodeDefinition): string[] {
  return [
    '  - permanent:',
    `      name: ${text(name)}`,
    `      labelString: ${text(labels.join(' '))}`,
    '      mode: EXCLUSIVE',
    '      numExecutors: 1',
    `      remoteFS: ${text(remoteFs)}`,
    '      launcher:',
    ...launcherLines(launcher).map((line) => `        ${line}`),
    '      retentionStrategy:',
    `        demand: {inDemandDelay: ${retention.inDemandDelay}, idleDelay: ${retention.idleDelay}}`,
  ];
}

function launcherLines(launcher: Launcher): string[] {
  if (launcher.kind === 'command') return ['command:', `  command: ${text(launcher.command)}`];
  return [
    'ssh:',
    `  host: ${text(launcher.host)}`,
    `  port: ${launcher.port}`,
    `  credentialsId: ${text(launcher.credentialsId)}`,
    `  prefixStartSlaveCmd: ${text(launcher.prefix)}`,
    `  suffixStartSlaveCmd: ${text(launcher.suffix)}`,
    '  sshHostKeyVerificationStrategy: "knownHostsFileKeyVerificationStrategy"',
  ];
}

/** JSON's strings are YAML's double-quoted ones. `${` is Configuration as Code's own: `^${` stands for it. */
function text(value: string): string {
  return JSON.stringify(value.replaceAll('${', '^${'));
}
