import { setTimeout as pause } from 'node:timers/promises';
import { ExitCode, hasCode, KatavmError } from '@katavm/core';
import type { JenkinsClient } from '../rest/jenkins-client.js';

/** Between two looks whether the agent is gone: Jenkins closes a channel within one reading of its end. */
const lookMilliseconds = 50;
/** How long Jenkins may take to let go of an agent that has ended. */
const disconnectMilliseconds = 30_000;
const mostToggles = 3;
/** Seen by nobody, but for a moment. Named as the gate's own, which no gate takes for somebody else's. */
const onlineReason = 'katavm gate: the node goes online';

/**
 * Waits until Jenkins has let go of the node's agent, and tells it to where it does not by itself: before a node whose clone was used
 * may be put online, this is the last thing between the next build and that clone.
 *
 * @throws KATAVM_JENKINS_NODE_STILL_CONNECTED
 */
export async function letGo(client: JenkinsClient, node: string, reason: string, signal?: AbortSignal): Promise<void> {
  const deadline = performance.now() + disconnectMilliseconds;
  for (
    let told = false;
    (await client.nodeState(node, { signal })).connected;
    await pause(lookMilliseconds, undefined, { signal })
  ) {
    if (!told) await client.disconnect(node, reason, { signal });
    told = true;
    if (performance.now() > deadline) throw stillConnected(node);
  }
}

/**
 * Takes the offline mark off, whether Jenkins shows it or not: before 2.482 a restart hides a mark until an agent connects, and then
 * it is there again. Setting it first makes it known, so that the toggle takes it off, from the disk as well.
 *
 * @throws KATAVM_JENKINS_NODE_STILL_OFFLINE
 */
export async function putOnline(client: JenkinsClient, node: string, signal?: AbortSignal): Promise<void> {
  if (!(await makeMarkKnown(client, node, signal))) return;
  // Read, toggle, read: the toggle says nothing of which way it went, and its answer may get lost.
  for (let toggles = 0; (await client.nodeState(node, { signal })).temporarilyOffline; toggles++) {
    if (toggles === mostToggles) throw stillOffline(node);
    await client.toggleOffline(node, { signal });
  }
}

/** @returns whether there is a mark now. A user who may not set one has set none before: where none is shown, there is none of ours. */
async function makeMarkKnown(client: JenkinsClient, node: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await client.setOffline(node, onlineReason, { signal });
    return true;
  } catch (error) {
    const isMarked = hasCode(error, 'KATAVM_JENKINS_REFUSED')
      ? (await client.nodeState(node, { signal })).temporarilyOffline
      : true;
    if (isMarked) throw error;
    return false;
  }
}

function stillConnected(node: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_NODE_STILL_CONNECTED',
    message: `Jenkins still holds the connection to the agent of node "${node}", ${disconnectMilliseconds / 1000} s after it was told to let go`,
    hint: "look at the node's log in Jenkins",
    exitCode: ExitCode.timedOut,
  });
}

function stillOffline(node: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_NODE_STILL_OFFLINE',
    message: `Jenkins still shows node "${node}" as offline after it was told to put it online`,
    hint: 'somebody else may take it offline at the same time: look, and try again',
  });
}
