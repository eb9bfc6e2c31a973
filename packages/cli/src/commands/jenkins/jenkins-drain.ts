import { parseDuration } from '@katavm/core';
import { printResult } from '../../render/output.js';
import { createProgress } from '../../render/progress.js';
import { command } from '../../runtime/command.js';
import type { GlobalOptions } from '../../runtime/global-options.js';
import { Interrupts } from '../../runtime/interrupts.js';

interface Options extends GlobalOptions {
  readonly node: string;
  readonly reason: string;
  readonly timeout: string;
  readonly undo: boolean;
}

async function handler(options: Options): Promise<void> {
  const { node, reason } = options;
  const { drainNode, JenkinsClient, loadJenkinsSettings, requireJenkins, undrainNode } = await import('@katavm/jenkins-hooks');
  const interrupts = new Interrupts();
  interrupts.listen();
  const { signal } = interrupts;
  const client = new JenkinsClient(await requireJenkins(process.env));
  if (options.undo) {
    const gate = (await loadJenkinsSettings(process.env)).singleUse === 'gate';
    const online = await undrainNode({ client, node, gate, signal });
    return printResult(
      { node, online },
      options.json,
      () => `${node} ${online ? 'is online' : 'comes online when its build has ended'}`,
    );
  }
  const progress = createProgress(options);
  try {
    const timeoutMilliseconds = parseDuration(options.timeout);
    await drainNode({ client, node, reason, timeoutMilliseconds, signal, emit: progress.emit });
  } finally {
    progress.close();
  }
  printResult({ node, drained: true }, options.json, () => `${node} is offline, and its clone goes`);
}

export const jenkinsDrainCommand = command<Options>({
  command: 'drain <node>',
  describe: 'Take a node out of service once its build has ended; --undo puts it back',
  builder: (yargs) =>
    yargs
      .positional('node', { type: 'string', demandOption: true, describe: "The node's name in Jenkins" })
      .option('reason', { type: 'string', default: 'maintenance', describe: 'Shown beside the node' })
      .option('timeout', { type: 'string', default: '12h', describe: 'How long a running build may take' })
      .option('undo', { type: 'boolean', default: false, describe: 'Put it back into service' }),
  handler,
});
