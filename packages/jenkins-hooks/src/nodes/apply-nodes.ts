import type { JenkinsClient } from '../rest/jenkins-client.js';
import { toCreateForm } from './create-form.js';
import type { NodeDefinition } from './node-definition.js';
import { changeNodeXml, type NodeChange } from './node-xml.js';

/** What has to be done so that Jenkins has a node as it is defined. */
export interface PlannedNode {
  readonly node: string;
  readonly action: 'create' | 'update' | 'unchanged';
  readonly changes: readonly NodeChange[];
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
    return { node: name, action: 'create', changes, apply };
  }
  const { xml, changes } = changeNodeXml(present, node);
  if (changes.length === 0) return { node: name, action: 'unchanged', changes, apply: async () => {} };
  return { node: name, action: 'update', changes, apply: (stop) => client.updateNode(name, xml, { signal: stop }) };
}
