import type { NodeState } from '../rest/node-state.js';

/** The reason that Jenkins shows beside a node whose clone has its build. Jenkins cuts what stands before ` : ` (getOfflineCauseReason). */
export const markReason = 'katavm gate: this clone has its build, a fresh one follows';

/**
 * True where somebody has put a reason of his own over ours: he wants the node to stay offline. Only to be asked while the agent is
 * connected: a disconnect writes its own reason. Empty counts as ours: the channel's set-up clears it (SlaveComputer.setChannel).
 */
export function isTakenOver({ temporarilyOffline, offlineReason }: NodeState): boolean {
  return temporarilyOffline && offlineReason !== '' && !offlineReason.includes('katavm gate');
}
