import { hostname } from 'node:os';
import type { FormField } from '@katavm/jenkins-hooks';
import { printResult } from '../../render/output.js';
import { table } from '../../render/table.js';
import { command } from '../../runtime/command.js';
import { type NodeOptions, nodesOf, withNodeOptions } from './node-options.js';

/** Neither this host nor Jenkins is touched. */
async function handler(options: NodeOptions): Promise<void> {
  const { toCasc, toFormFields } = await import('@katavm/jenkins-hooks');
  // Both ways where none was chosen: what fits depends on where Jenkins runs, and only the reader knows.
  const chosen = options.sshHost === undefined ? ['command', 'ssh'] : ['ssh'];
  const launchers = await Promise.all(
    chosen.map(async (launcher) => {
      const sshHost = launcher === 'ssh' ? (options.sshHost ?? hostname()) : undefined;
      const nodes = await nodesOf({ ...options, sshHost });
      return { launcher, casc: toCasc(nodes), forms: nodes.map((node) => ({ node: node.name, fields: toFormFields(node) })) };
    }),
  );
  printResult({ fragment: true, launchers }, options.json, () =>
    [comment(fragment), ...launchers.map((each, index) => launcherText(each, index > 0))].join('\n\n'),
  );
}

interface LauncherTexts {
  readonly launcher: string;
  readonly casc: string;
  readonly forms: readonly { readonly node: string; readonly fields: readonly FormField[] }[];
}

/** Said first: loaded as a file of its own, the fragment would take away whatever it does not name. */
const fragment = `This is a fragment for Configuration as Code. Merge it by hand into the file that you have: below "nodes:" add the node to
those that are there, and below "approvedScriptHashes:" the hash to the others. Jenkins removes every permanent node and every
approval that its files do not name: loaded as a file of its own, this would leave this node alone.`;

/** The forms are comments, and so is the second launcher: the whole output is YAML. */
function launcherText({ launcher, casc, forms }: LauncherTexts, alternative: boolean): string {
  const where =
    launcher === 'command'
      ? 'Jenkins runs on this host, and starts the hook itself (command-launcher plugin):'
      : 'Jenkins reaches this host by SSH (ssh-slaves plugin):';
  const fields = forms.map(({ node, fields }) => {
    const rows = fields.map(({ field, value }) => [field, value]);
    return `The same in the form for a new permanent agent "${node}":\n\n${table(['field', 'value'], rows)}`;
  });
  const text = casc.trimEnd();
  return [comment(where), alternative ? comment(text) : text, ...fields.map(comment)].join('\n\n');
}

function comment(text: string): string {
  return text
    .split('\n')
    .map((line) => `# ${line}`.trimEnd())
    .join('\n');
}

export const jenkinsNodeConfigCommand = command<NodeOptions>({
  command: 'node-config <configs..>',
  describe: 'Print the nodes for Jenkins: a fragment of Configuration as Code, and each field of the form',
  builder: withNodeOptions,
  handler,
});
