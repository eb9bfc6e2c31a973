import { formatDuration } from '@katavm/core';
import type { NodeStatus } from '@katavm/jenkins-hooks';
import { printResult } from '../../render/output.js';
import { table } from '../../render/table.js';
import { command } from '../../runtime/command.js';
import type { GlobalOptions } from '../../runtime/global-options.js';
import { withSession } from '../../runtime/session.js';

async function handler(options: GlobalOptions): Promise<void> {
  const { JenkinsClient, listLaunches, loadJenkinsSettings, nodeStatus } = await import('@katavm/jenkins-hooks');
  const { connection } = await loadJenkinsSettings(process.env);
  const nodes = await withSession(options, async ({ context, signal }) => {
    const launches = await listLaunches(context.state.launches);
    return nodeStatus(connection && new JenkinsClient(connection), launches, signal);
  });
  printResult({ nodes }, options.json, () =>
    table(['node', 'state', 'build', 'for', 'clone', 'config', 'age', 'reason'], nodes.map(row)),
  );
}

function row({ node, state, build, buildStarted, clone, config, cloneStarted, reason }: NodeStatus): string[] {
  return [node, state, build ?? '', age(buildStarted), clone ?? '', config ?? '', age(cloneStarted), reason ?? ''];
}

function age(since: string | undefined): string {
  return since === undefined ? '' : formatDuration(Math.max(0, Date.now() - Date.parse(since)));
}

export const jenkinsStatusCommand = command({
  command: 'status',
  describe: "Show every node with its build, and this host's clone for it",
  builder: (yargs) => yargs,
  handler,
});
