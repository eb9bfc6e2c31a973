/**
 * What the gate does, without how: given what was known and what Jenkins was just seen to say, what comes next.
 *
 * The task. A node has one executor and one clone. Jenkins gives the node a build, and may give it the next one in the very moment in
 * which that build ends. Marking the node offline during the first build stops that, but nobody tells us when a build begins, and one
 * that is over in half a second is gone between two looks. So the gate makes the build wait for the look.
 *
 * The rule. Bytes from the agent to the controller are held. They may go on after a look at the node that **began after they had
 * arrived** and found the node without a build; or, once a build was seen, after the node was marked offline and that mark was **read
 * back**. From then on everything passes.
 *
 * Why it holds. Say build A got an answer from the clone, and later build B did, too. The first of A's answers was held, and let go by
 * a look or by the mark. A asked before the clone answered, the answer arrived before the look began, and A cannot go on without it:
 * during the whole look A was the node's build, and the look said so. So it was let go by the mark: there was a moment after A's
 * beginning and before A's end at which the node was marked. B is given to the node only after A has ended, and not while the mark
 * stands; the mark goes only when the clone is dead. So there is no B.
 *
 * What follows from it:
 * - The channel's set-up (preamble, capability, class loading: about 85 round trips) passes by looks, one for all that has arrived
 *   since the last one. A look at an old state would do for none of them: that is why no answer is ever used twice.
 * - `Used` means: has had an answer. A build that is aborted between its first request and the answer to it leaves what that request
 *   did (its workspace folder was made), no command of it ever ran; the clone then serves the next build.
 * - A node that has been given a build and has not begun it (`idle` false, no build yet) is not marked: Jenkins would drop the build
 *   (Executor.run, resetWorkUnit). The bytes wait for the few milliseconds. Where it stays so, the user may not read the job, and
 *   what cannot be seen counts as a build.
 * - No answer, no bytes: a controller that cannot be asked for `patienceMilliseconds` while bytes are held ends the session, and with
 *   it the clone. After the mark nothing depends on Jenkins' answers any more, so a build is not ended because they fail.
 * - Whoever puts the node online by hand in the middle of a build: it is marked again at the next look, and where a second build has
 *   come by then, the session ends.
 */
import type { NodeState } from '../rest/node-state.js';

/** `open`: no build seen. `closing`: a build was seen, the mark is not read back. `closed`: it was. `over`: the build has ended. */
export type Phase = 'open' | 'closing' | 'closed' | 'over';

export interface GateState {
  readonly phase: Phase;
  /** The builds that this clone serves: one, unless it has not shown its name. */
  readonly builds: readonly string[];
  /** Since when (milliseconds of any clock) what is waited for has not come. */
  readonly waitingSince: number | undefined;
}

export const initialState: GateState = { phase: 'open', builds: [], waitingSince: undefined };

/** One look, or the attempt of one. */
export type Sight =
  | { readonly kind: 'node'; readonly node: NodeState }
  /** `lasting`: asking again would bring the same (the token is refused, the node is gone). */
  | { readonly kind: 'failure'; readonly error: unknown; readonly lasting: boolean };

export type Action =
  /** Hand on what had arrived before the look began; in phase `closed`: that, and everything from now on. */
  | { readonly do: 'pass' }
  /** Mark the node offline, then look. */
  | { readonly do: 'close' }
  /** Look again, after a while. */
  | { readonly do: 'look' }
  /** The build has ended: the clone has to go. */
  | { readonly do: 'finish' }
  /** It cannot be known that no second build would come: the session has to go. */
  | { readonly do: 'give up'; readonly why: Doubt; readonly cause?: unknown };

export type Doubt = 'no answer' | 'not closed' | 'second build' | 'executors';

export interface Step {
  readonly state: GateState;
  readonly action: Action;
}

/** How long held bytes wait for Jenkins: remoting's own ping gives up after 4 minutes (ChannelPinger), a restart takes 1 to 2. */
export const patienceMilliseconds = 60_000;
/** How long a build may be assigned and not begun: both happen within one run of the queue, milliseconds apart. */
export const assignedMilliseconds = 5000;

export function decide(state: GateState, sight: Sight, now: number): Step {
  if (state.phase === 'over') return { state, action: { do: 'finish' } };
  if (sight.kind === 'failure') return afterFailure(state, sight, now);
  const { node } = sight;
  if (state.phase === 'closed') return whileClosed(state, node);
  if (node.executors !== 1) return giveUp(state, 'executors');
  return state.phase === 'open' ? whileOpen(state, node, now) : whileClosing(state, node, now);
}

function whileOpen(state: GateState, node: NodeState, now: number): Step {
  if (node.builds.length > 0) return seen(state, node, node.builds);
  if (node.idle) return { state: { ...state, waitingSince: undefined }, action: { do: 'pass' } };
  const waitingSince = state.waitingSince ?? now;
  if (now - waitingSince >= assignedMilliseconds) return seen(state, node, []);
  return { state: { ...state, waitingSince }, action: { do: 'look' } };
}

function seen(state: GateState, node: NodeState, builds: readonly string[]): Step {
  if (node.temporarilyOffline) return closed(state, builds);
  return { state: { phase: 'closing', builds, waitingSince: undefined }, action: { do: 'close' } };
}

function whileClosing(state: GateState, node: NodeState, now: number): Step {
  if (!node.temporarilyOffline) return again(state, 'close', 'not closed', undefined, now);
  // The build that was seen may have been aborted meanwhile, unanswered, and another have come before the mark: that one has the clone.
  return closed(state, node.builds.length > 0 ? node.builds : state.builds);
}

function closed(state: GateState, builds: readonly string[]): Step {
  if (new Set(builds).size > 1) return giveUp(state, 'second build');
  return { state: { phase: 'closed', builds, waitingSince: undefined }, action: { do: 'pass' } };
}

function whileClosed(state: GateState, node: NodeState): Step {
  const builds = state.builds.length > 0 ? state.builds : node.builds;
  if (node.builds.some((build) => !builds.includes(build))) return giveUp(state, 'second build');
  if (node.idle && node.builds.length === 0) return { state: { ...state, phase: 'over' }, action: { do: 'finish' } };
  return { state: { ...state, builds }, action: { do: node.temporarilyOffline ? 'look' : 'close' } };
}

function afterFailure(state: GateState, { error, lasting }: Sight & { kind: 'failure' }, now: number): Step {
  if (state.phase === 'closed') return { state, action: { do: 'look' } };
  if (lasting) return giveUp(state, 'no answer', error);
  return again(state, state.phase === 'closing' ? 'close' : 'look', 'no answer', error, now);
}

function again(state: GateState, what: 'look' | 'close', why: Doubt, cause: unknown, now: number): Step {
  const waitingSince = state.waitingSince ?? now;
  if (now - waitingSince >= patienceMilliseconds) return giveUp(state, why, cause);
  return { state: { ...state, waitingSince }, action: { do: what } };
}

function giveUp(state: GateState, why: Doubt, cause?: unknown): Step {
  return { state, action: { do: 'give up', why, ...(cause === undefined ? {} : { cause }) } };
}
