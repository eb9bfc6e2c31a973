import { ExitCode, KatavmError } from '@katavm/core';
import type { PlannedNode } from '@katavm/jenkins-hooks';
import { printResult } from '../../render/output.js';
import { command } from '../../runtime/command.js';
import { withDryRun } from '../../runtime/global-options.js';
import { Interrupts } from '../../runtime/interrupts.js';
import { type NodeOptions, nodesOf, withNodeOptions } from './node-options.js';

interface Options extends NodeOptions {
  readonly yes: boolean;
  readonly dryRun: boolean;
}

async function handler(options: Options): Promise<void> {
  const { JenkinsClient, planNodes, requireJenkins } = await import('@katavm/jenkins-hooks');
  const interrupts = new Interrupts();
  interrupts.listen();
  const { signal } = interrupts;
  const client = new JenkinsClient(await requireJenkins(process.env));
  const planned = await planNodes(client, await nodesOf(options), signal);
  const differs = planned.some(({ action }) => action !== 'unchanged');
  const applied = options.yes && !options.dryRun;
  if (!options.json) process.stdout.write(`${planned.map(diffText).join('\n')}\n`);
  if (applied) for (const node of planned) await node.apply(signal);
  if (applied && !options.json) for (const line of approvalLines(planned)) process.stderr.write(`${line}\n`);
  const nodes = planned.map(({ node, action, changes, approval }) => ({ node, action, changes, approval }));
  if (options.json) printResult({ applied, nodes }, true, () => '');
  if (differs && !applied && !options.dryRun) throw notConfirmed();
}

function diffText({ node, action, changes }: PlannedNode): string {
  const lines = changes.flatMap(({ setting, from, to }) => [
    ...(action === 'create' || from === '' ? [] : [`  - ${setting}: ${from}`]),
    `  + ${setting}: ${to}`,
  ]);
  return [`${node}: ${action}`, ...lines].join('\n');
}

/** Whose user is an administrator needs none of it, and Jenkins does not say. */
function approvalLines(planned: readonly PlannedNode[]): string[] {
  const waiting = planned.flatMap(({ node, approval }) => (approval === undefined ? [] : [{ node, approval }]));
  if (waiting.length === 0) return [];
  return [
    'A launch command that came this way waits for an approval, unless the user is an administrator or it was approved before. Until then',
    'the node\'s log says "script not yet approved for use". An administrator approves it in Manage Jenkins, In-process Script Approval,',
    'by its text, or lists its hash in Configuration as Code (approvedScriptHashes, beside the others):',
    ...waiting.map(({ node, approval }) => `  ${node}: ${approval}`),
  ];
}

/** The diff is there to be read first. */
function notConfirmed(): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_NOT_CONFIRMED',
    message: 'nothing was changed in Jenkins',
    hint: 'if the difference above is what you want, say so with --yes',
    exitCode: ExitCode.usage,
  });
}

export const jenkinsApplyCommand = command<Options>({
  command: 'apply <configs..>',
  describe: 'Create or change nodes in Jenkins; shows the difference, and makes it with --yes',
  builder: (yargs) =>
    withDryRun(withNodeOptions(yargs)).option('yes', { type: 'boolean', default: false, describe: 'Make the difference' }),
  handler,
});
