import { type Launcher, type NodeDefinition, retention } from './node-definition.js';

/** Jenkins' classes for each launcher; `$` parts an inner class. */
export const launcherClass = { command: 'hudson.slaves.CommandLauncher', ssh: 'hudson.plugins.sshslaves.SSHLauncher' } as const;
export const demandClass = 'hudson.slaves.RetentionStrategy$Demand';
const knownHosts = 'hudson.plugins.sshslaves.verifiers.KnownHostsFileKeyVerificationStrategy';

/** What the web form for a new permanent agent sends. */
export function toCreateForm({ name, labels, remoteFs, launcher }: NodeDefinition): object {
  return {
    name,
    nodeDescription: '',
    numExecutors: '1',
    remoteFS: remoteFs,
    labelString: labels.join(' '),
    mode: 'EXCLUSIVE',
    type: 'hudson.slaves.DumbSlave',
    launcher: launcherForm(launcher),
    retentionStrategy: {
      ...classNames(demandClass),
      inDemandDelay: String(retention.inDemandDelay),
      idleDelay: String(retention.idleDelay),
    },
    nodeProperties: { 'stapler-class-bag': 'true' },
  };
}

function launcherForm(launcher: Launcher): object {
  if (launcher.kind === 'command') return { ...classNames(launcherClass.command), command: launcher.command };
  return {
    ...classNames(launcherClass.ssh),
    host: launcher.host,
    port: String(launcher.port),
    credentialsId: launcher.credentialsId,
    launchTimeoutSeconds: '',
    maxNumRetries: '',
    retryWaitTime: '',
    javaPath: '',
    jvmOptions: '',
    prefixStartSlaveCmd: launcher.prefix,
    suffixStartSlaveCmd: launcher.suffix,
    sshHostKeyVerificationStrategy: classNames(knownHosts),
  };
}

function classNames(name: string): object {
  return { 'stapler-class': name, $class: name };
}
