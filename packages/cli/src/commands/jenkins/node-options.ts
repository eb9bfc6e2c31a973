import { resolve } from 'node:path';
import { loadConfig } from '@katavm/config';
import { ExitCode, KatavmError } from '@katavm/core';
import type { NodeDefinition } from '@katavm/jenkins-hooks';
import type { Argv } from 'yargs';
import type { GlobalOptions } from '../../runtime/global-options.js';

export interface NodeOptions extends GlobalOptions {
  readonly configs: readonly string[];
  readonly node: string | undefined;
  readonly label: readonly string[];
  readonly hook: string;
  readonly remoteFs: string | undefined;
  readonly sshHost: string | undefined;
  readonly sshPort: number;
  readonly credentials: string;
}

export function withNodeOptions<T>(yargs: Argv<T>) {
  return yargs
    .positional('configs', { type: 'string', array: true, demandOption: true, describe: "Configs' folders, or names" })
    .option('node', { type: 'string', describe: "The node's name (default: the config's)" })
    .option('label', {
      type: 'string',
      array: true,
      requiresArg: true,
      nargs: 1,
      default: ['katavm'],
      describe: 'A label of the node; may be repeated',
    })
    .option('ssh-host', { type: 'string', describe: 'Jenkins reaches this host by SSH under this name (default: it runs on it)' })
    .option('ssh-port', { type: 'number', default: 22, describe: 'With --ssh-host' })
    .option('credentials', { type: 'string', default: 'katavm', describe: "With --ssh-host: the id of Jenkins' credentials" })
    .option('hook', { type: 'string', default: 'katavm-jenkins-start', describe: "The start hook's program on the host" })
    .option('remote-fs', { type: 'string', describe: "The agent's folder in the guest (default: the config's agent.directory)" });
}

/** The nodes that the options ask for, one for each config. Touches nothing but the configs. */
export async function nodesOf(options: NodeOptions): Promise<NodeDefinition[]> {
  const { configs, node, sshHost } = options;
  if (node !== undefined && configs.length > 1) throw oneNode();
  const { defineNode } = await import('@katavm/jenkins-hooks');
  const ssh = sshHost === undefined ? undefined : { host: sshHost, port: options.sshPort, credentialsId: options.credentials };
  return Promise.all(
    configs.map(async (nameOrPath) => {
      const config = await loadConfig({ nameOrPath, cwd: process.cwd(), env: process.env });
      return defineNode({
        // Jenkins starts the hook in a folder of its own.
        config: nameOrPath.includes('/') ? resolve(nameOrPath) : nameOrPath,
        name: node ?? config.name,
        labels: options.label,
        remoteFs: options.remoteFs ?? config.agent.directory,
        hook: options.hook,
        ssh,
      });
    }),
  );
}

function oneNode(): KatavmError {
  return new KatavmError({
    code: 'KATAVM_USAGE',
    message: '--node names one node, and there are several configs',
    hint: 'run the command once for each config, or leave --node out',
    exitCode: ExitCode.usage,
  });
}
