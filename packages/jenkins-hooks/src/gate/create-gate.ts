import { randomBytes } from 'node:crypto';
import { ignoreEvents } from '@katavm/core';
import { ClosedNodes } from './closed-nodes.js';
import { executorsWrong, nodeMarked } from './failures.js';
import type { Gate, GateInput } from './gate.js';
import { NodeWatch } from './node-watch.js';
import { type NodeOfGate, openAbandoned, openAgain } from './open-again.js';

/**
 * Asks Jenkins once, so that a wrong token or node is known before anything boots, opens the node where an earlier launch was killed
 * after closing it, and makes the gate. Takes 10 to 30 ms: run it beside the making of the clone.
 *
 * @throws KATAVM_JENKINS_UNREACHABLE, KATAVM_JENKINS_REFUSED, KATAVM_JENKINS_NODE_MISSING, KATAVM_JENKINS_EXECUTORS,
 *   KATAVM_JENKINS_NODE_MARKED …
 */
export async function createGate(input: GateInput): Promise<Gate> {
  const { client, node, signal, emit = ignoreEvents } = input;
  const id = randomBytes(6).toString('hex');
  const closedNodes = new ClosedNodes(input.folder);
  const isHostQuiet = input.isHostQuiet ?? (async () => false);
  const target = { client, node, closedNodes, emit, isHostQuiet };
  const { executors, temporarilyOffline } = await client.nodeState(node, { signal });
  if (executors !== 1) throw executorsWrong(node);
  await openAbandoned(target, signal);
  if (temporarilyOffline) await assertWanted(target, signal);
  const watch = new NodeWatch(target, id, signal);
  const finished = watch.run();
  finished.catch(() => {}); // whoever waits for it still gets the rejection
  return {
    agentToController: watch.bytes,
    finished,
    afterBuild: async () => {
      await watch.stop();
      if (!watch.mayHaveClosed) return;
      if (watch.takenOver) return closedNodes.forget(client.url, node);
      await openAgain(target, id, watch.over);
    },
  };
}

/** Jenkins launches a node for a build that waits, whether it is marked or not. Its clone would get none: a marked node takes no build. */
async function assertWanted({ client, node }: NodeOfGate, signal: AbortSignal | undefined): Promise<void> {
  const { temporarilyOffline, offlineReason, connected } = await client.nodeState(node, { signal });
  if (temporarilyOffline && !connected) throw nodeMarked(node, offlineReason);
}
