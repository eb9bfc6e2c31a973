import { type Emit, waitFor } from '@katavm/core';
import { markReason } from '../gate/mark.js';
import type { JenkinsClient } from '../rest/jenkins-client.js';
import { letGo, putOnline } from './put-online.js';

export interface DrainInput {
  readonly client: JenkinsClient;
  readonly node: string;
  /** Shown beside the node in Jenkins. */
  readonly reason: string;
  /** How long a running build may take to its end. */
  readonly timeoutMilliseconds: number;
  readonly signal?: AbortSignal | undefined;
  readonly emit?: Emit | undefined;
}

/**
 * Takes a node out of service: no further build starts, one that runs goes on to its end, then the agent is disconnected, and its
 * clone goes. The gate of that clone leaves a node alone that bears another reason than its own.
 *
 * @throws KATAVM_WAIT_TIMED_OUT where the build has not ended in time: the node is closed all the same.
 */
export async function drainNode({ client, node, reason, timeoutMilliseconds, signal, emit }: DrainInput): Promise<void> {
  await client.setOffline(node, `drained: ${reason}`, { signal });
  await waitFor(
    {
      name: `the end of the build on node "${node}"`,
      probe: async (stop) => ((await client.nodeState(node, { signal: stop })).idle ? true : undefined),
      timeoutMilliseconds,
      hint: `it takes no further build; look at it: katavm jenkins status; take it back: katavm jenkins drain --undo ${node}`,
      everyMilliseconds: 1000,
    },
    { signal, emit },
  );
  await client.disconnect(node, `drained: ${reason}`, { signal });
}

export interface UndrainInput extends Pick<DrainInput, 'client' | 'node' | 'signal'> {
  /** True where the node's builds go through the gate. */
  readonly gate: boolean;
}

/**
 * Puts a node back into service and launches it, with a fresh clone. While a build runs behind a gate, the node gets the gate's reason
 * instead: online, a second build could come onto the clone; the gate puts it online when that build has ended.
 *
 * @returns whether it is online now.
 */
export async function undrainNode({ client, node, gate, signal }: UndrainInput): Promise<boolean> {
  const { idle, temporarilyOffline, connected } = await client.nodeState(node, { signal });
  // While no agent is connected a mark may be hidden (see putOnline).
  if (!temporarilyOffline && connected) return true;
  if (!idle && gate) {
    await client.setOffline(node, markReason, { signal });
    return false;
  }
  if (idle) await letGo(client, node, 'katavm: a fresh clone follows', signal);
  await putOnline(client, node, signal);
  if (idle) await client.launch(node, { signal });
  return true;
}
