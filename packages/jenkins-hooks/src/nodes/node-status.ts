import type { JenkinsClient } from '../rest/jenkins-client.js';
import type { NodeSummary } from '../rest/node-list.js';
import type { LaunchRecord } from '../takeover/launch-records.js';

/** A node as Jenkins and this host see it together. */
export interface NodeStatus {
  readonly node: string;
  /** `unknown` where Jenkins was not asked, or does not know the node. */
  readonly state: NodeSummary['state'] | 'unknown';
  readonly reason: string | undefined;
  readonly build: string | undefined;
  readonly buildStarted: string | undefined;
  /** This host's clone for it. */
  readonly clone: string | undefined;
  readonly config: string | undefined;
  readonly cloneStarted: string | undefined;
}

/** Every node of Jenkins, its own aside, and every launch of this host. Without a client: the launches alone. */
export async function nodeStatus(
  client: JenkinsClient | undefined,
  launches: readonly LaunchRecord[],
  signal?: AbortSignal,
): Promise<NodeStatus[]> {
  const nodes = client ? (await client.listNodes({ signal })).filter(({ name }) => !ownNodes.includes(name)) : [];
  const launchOf = (name: string) => launches.findLast(({ node }) => node === name);
  const elsewhere = launches.filter((launch) => !nodes.some(({ name }) => name === launch.node));
  return [...nodes.map((node) => statusOf(node, launchOf(node.name))), ...elsewhere.map((launch) => statusOf(undefined, launch))];
}

/** What Jenkins calls the controller's own node, since 2.319 and before. */
const ownNodes = ['Built-In Node', 'master', ''];

function statusOf(node: NodeSummary | undefined, launch: LaunchRecord | undefined): NodeStatus {
  return {
    node: node?.name ?? launch?.node ?? '',
    state: node?.state ?? 'unknown',
    reason: node?.state === 'offline' || node?.state === 'disconnected' ? node.offlineReason : undefined,
    build: node?.build?.url,
    buildStarted: node?.build?.started?.toISOString(),
    clone: launch?.clone,
    config: launch?.config,
    cloneStarted: launch?.started,
  };
}
