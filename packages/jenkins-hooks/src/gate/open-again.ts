import { setTimeout as pause } from 'node:timers/promises';
import { type Emit, hasCode, messageOf } from '@katavm/core';
import { letGo, putOnline } from '../nodes/put-online.js';
import type { JenkinsClient } from '../rest/jenkins-client.js';
import type { ClosedNodes } from './closed-nodes.js';
import { leftOffline } from './failures.js';

export interface NodeOfGate {
  readonly client: JenkinsClient;
  readonly node: string;
  readonly closedNodes: ClosedNodes;
  readonly emit: Emit;
  /** Whether a job on this host wants nothing to boot beside it (`isolation.quiet`). */
  readonly isHostQuiet: () => Promise<boolean>;
}

/** How long a node is tried to be opened: a controller that restarts is back within a few minutes. */
const deadlineMilliseconds = 10 * 60_000;
const firstPauseMilliseconds = 250;
const longestPauseMilliseconds = 10_000;
/**
 * Opens a node that this gate has closed, once its agent is gone. Tries until Jenkins does it; leaves alone what another launch
 * of the node has taken over.
 *
 * @throws KATAVM_JENKINS_NODE_LEFT_OFFLINE
 */
export async function openAgain(target: NodeOfGate, gate: string, launch: boolean): Promise<void> {
  const { client, node, closedNodes, emit } = target;
  const deadline = performance.now() + deadlineMilliseconds;
  for (let wait = firstPauseMilliseconds; ; wait = Math.min(wait * 2, longestPauseMilliseconds)) {
    try {
      const opened = await closedNodes.locked(client.url, node, undefined, async () => {
        if ((await closedNodes.read(client.url, node))?.gate !== gate) return false;
        await letGo(client, node, 'katavm gate: the clone is gone');
        await open(target);
        return true;
      });
      if (opened && launch) await launchNow(target);
      return;
    } catch (error) {
      if (hasCode(error, 'KATAVM_JENKINS_NODE_MISSING')) return closedNodes.forget(client.url, node);
      if (performance.now() + wait > deadline) throw leftOffline(node, error);
      if (wait === firstPauseMilliseconds)
        notice(emit, 'warning', `node "${node}" is not online yet: ${messageOf(error)}; trying again`);
    }
    await pause(wait);
  }
}

/**
 * At a launch: opens the node where an earlier launch has closed it and was killed before it could open it. Not while an agent is
 * connected: then that one's hook still lives.
 */
export async function openAbandoned(target: Omit<NodeOfGate, 'isHostQuiet'>, signal?: AbortSignal): Promise<void> {
  const { client, node, closedNodes } = target;
  if (!(await closedNodes.read(client.url, node))) return;
  await closedNodes.locked(client.url, node, signal, async () => {
    if (!(await closedNodes.read(client.url, node))) return;
    if ((await client.nodeState(node, { signal })).connected) return;
    await open(target);
  });
}

/** Puts the node online, whether it is or not. The caller holds the lock and knows that no agent is connected. */
async function open({ client, node, closedNodes, emit }: Omit<NodeOfGate, 'isHostQuiet'>): Promise<void> {
  await putOnline(client, node);
  await closedNodes.forget(client.url, node);
  notice(emit, 'info', `node "${node}" is online for its next build`);
}

/**
 * Only where a build waits: a clone that boots for nobody takes the host's processors from builds that run. Without this launch the
 * node starts all the same when it is needed, at Jenkins' next look, which is up to a minute away.
 */
async function launchNow({ client, node, emit, isHostQuiet }: NodeOfGate): Promise<void> {
  try {
    if (await isHostQuiet())
      return notice(emit, 'info', `node "${node}" is not launched now: a job on this host asked for quiet`);
    if (!(await client.hasWaitingBuilds()))
      return notice(emit, 'info', `no build waits: Jenkins launches "${node}" for the next one`);
    await client.launch(node);
  } catch (error) {
    notice(emit, 'warning', `node "${node}" was not launched at once, Jenkins will do it by itself: ${messageOf(error)}`);
  }
}

export function notice(emit: Emit, level: 'info' | 'warning', message: string): void {
  emit({ type: 'notice', level, code: 'KATAVM_JENKINS_GATE', message });
}
