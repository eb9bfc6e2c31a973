import type { JenkinsClient } from '../rest/jenkins-client.js';
import { approvalHash } from './approval-hash.js';
import { toCreateForm } from './create-form.js';
import type { NodeDefinition } from './node-definition.js';
import { changeNodeXml, type NodeChange } from './node-xml.js';

/** What has to be done so that Jenkins has a node as it is defined. */
export interface PlannedNode {
  readonly node: string;
  readonly action: 'create' | 'update' | 'unchanged';
  readonly changes: readonly NodeChange[];
  /** Where Jenkins is given a launch command by this: the hash under which an administrator has to approve it, unless that is done. */
  readonly approval: string | undefined;
  readonly apply: (signal?: AbortSignal) => Promise<void>;
}

/** Compares; changes nothing. @throws KATAVM_JENKINS_… */
export async function planNodes(
  client: JenkinsClient,
  nodes: readonly NodeDefinition[],
  signal?: AbortSignal,
): Promise<PlannedNode[]> {
  const planned: PlannedNode[] = [];
  for (const node of nodes) planned.push(await planNode(client, node, signal));
  return planned;
}

async function planNode(client: JenkinsClient, node: NodeDefinition, signal: AbortSignal | undefined): Promise<PlannedNode> {
  const { name } = node;
  const present = await client.nodeConfig(name, { signal });
  if (present === undefined) {
    const { changes } = changeNodeXml('<slave/>', node);
    const apply = (stop?: AbortSignal) => client.createNode(name, toCreateForm(node), { signal: stop });
    return { node: name, action: 'create', changes, approval: approvalOf(node, changes), apply };
  }
  const { xml, changes } = changeNodeXml(present, node);
  if (changes.length === 0) return { node: name, action: 'unchanged', changes, approval: undefined, apply: async () => {} };
  const apply = (stop?: AbortSignal) => client.updateNode(name, xml, { signal: stop });
  return { node: name, action: 'update', changes, approval: approvalOf(node, changes), apply };
}

function approvalOf({ launcher }: NodeDefinition, changes: readonly NodeChange[]): string | undefined {
  const isNew = changes.some(({ setting }) => setting === 'launcher' || setting === 'launcher.agentCommand');
  return launcher.kind === 'command' && isNew ? approvalHash(launcher.command) : undefined;
}
