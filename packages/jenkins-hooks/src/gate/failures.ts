import { isKatavmError, KatavmError, messageOf } from '@katavm/core';
import { assignedMilliseconds, type Doubt, patienceMilliseconds } from './decide.js';

export function executorsWrong(node: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_EXECUTORS',
    message: `node "${node}" has not exactly one executor, so its builds would share a clone`,
    hint: `set "Number of executors" of "${node}" to 1 (katavm jenkins apply does it), and add nodes where more should run at once`,
  });
}

export function nodeMarked(node: string, reason: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_NODE_MARKED',
    message: `node "${node}" is marked offline${reason && ` (${reason})`}: it takes no build, so no clone is booted for it`,
    hint: `to take it back into service: katavm jenkins drain --undo ${node}, or "Bring this node back online" in Jenkins`,
  });
}

/** Why the session was ended: a second build could have come. What Jenkins last said is the cause. */
export function gateGaveUp(node: string, why: Doubt, cause: unknown): KatavmError {
  if (why === 'executors') return executorsWrong(node);
  return new KatavmError({
    code: 'KATAVM_JENKINS_GATE_GAVE_UP',
    message: `ended the agent of node "${node}" rather than let a second build onto a used clone: ${reason(why, cause)}`,
    hint: (isKatavmError(cause) && cause.hint) || 'the node starts again with a fresh clone; run the build again',
    cause,
  });
}

function reason(why: Exclude<Doubt, 'executors'>, cause: unknown): string {
  const seconds = patienceMilliseconds / 1000;
  switch (why) {
    case 'no answer':
      return cause === undefined ? `Jenkins gave no answer for ${seconds} s` : messageOf(cause);
    case 'not closed':
      return `Jenkins does not show it as offline, ${seconds} s after it was told so`;
    case 'second build':
      return 'a second build had been given to it; somebody had put it online by hand';
  }
}

export function buildUnseen(node: string): string {
  return (
    `node "${node}" was given a build ${assignedMilliseconds / 1000} s ago that this user cannot see; it is taken for one. ` +
    'Give the user Job/Read.'
  );
}

export function leftOffline(node: string, cause: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_NODE_LEFT_OFFLINE',
    message: `node "${node}" is marked offline for a clone that is gone, and could not be put online: ${messageOf(cause)}`,
    hint: `its next launch on this host puts it online; by hand: katavm jenkins drain --undo ${node}`,
    cause,
  });
}
