import type { Duplex } from 'node:stream';
import type { Emit } from '@katavm/core';
import type { JenkinsClient } from '../rest/jenkins-client.js';

export interface GateInput {
  readonly client: JenkinsClient;
  /** The node's name, as Jenkins has it. */
  readonly node: string;
  /** Where this host remembers which nodes it has closed, so that the next launch can open one whose hook was killed. Made if absent. */
  readonly folder: string;
  /** Ends the waiting, not what `afterBuild` does: a node that was closed has to be opened whatever happens. */
  readonly signal?: AbortSignal | undefined;
  readonly emit?: Emit | undefined;
  /** Whether a job on this host wants nothing to boot beside it. Default: none does. */
  readonly isHostQuiet?: (() => Promise<boolean>) | undefined;
}

/** How a build's end was told. */
export interface BuildEnd {
  /** The build's URL, where the gate's user may see it. */
  readonly build: string | undefined;
}

/** Makes a clone serve one build: see docs/jenkins.md and `decide.ts` for the reasoning. */
export interface Gate {
  /** Takes the agent's stdout, gives what the controller may have. End it as any stream; destroy it when the session is over. */
  readonly agentToController: Duplex;
  /**
   * Resolves when the build has ended: end the session and delete the clone, now. Rejects (KatavmError) where it cannot be known that
   * no second build would come: do the same, and the held bytes never reach the controller. Pending for ever where no build came.
   */
  readonly finished: Promise<BuildEnd>;
  /**
   * To be called once, when the agent has ended and stdout is closed, however the session ended, SIGTERM included. Where this
   * gate has closed the node, it is opened again; after a build's end it is launched, too. Does nothing where no build came.
   *
   * @throws KATAVM_JENKINS_NODE_LEFT_OFFLINE where Jenkins could not be reached; the node's next launch on this host opens it.
   */
  afterBuild(): Promise<void>;
}
