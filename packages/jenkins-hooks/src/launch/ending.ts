import { ExitCode, hasCode, interruptedBy, isKatavmError, KatavmError } from '@katavm/core';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Deleting a clone takes under a second. A libvirt that hangs for longer keeps nobody: it destroys the guest when it hears of our end. */
const longestUndoMilliseconds = 60_000;

/**
 * What ends a launch from outside: the first reason counts. Jenkins sends SIGTERM twice, once to the tree of processes and once
 * by its cookie: a second signal changes nothing, the clone is being deleted already.
 */
export class Ending {
  readonly #controller = new AbortController();
  #agentRuns = false;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  listen(): void {
    for (const name of signals) process.on(name, () => this.end(this.#reasonOf(name)));
    // A bug must not leave the guest to libvirt and gc either.
    process.on('uncaughtException', (error) => this.end(error));
    process.on('unhandledRejection', (error) => this.end(error));
  }

  /** From now on SIGTERM is how Jenkins disconnects a node: the usual end of a build where katavm-once.groovy sees to it. */
  agentRuns(): void {
    this.#agentRuns = true;
  }

  #reasonOf(name: (typeof signals)[number]): KatavmError {
    return name === 'SIGTERM' && this.#agentRuns ? disconnected() : interruptedBy(name);
  }

  end(reason: unknown): void {
    if (this.signal.aborted) return;
    setTimeout(() => process.exit(exitCodeOf(reason)), longestUndoMilliseconds).unref();
    this.#controller.abort(reason);
  }
}

/** The agent's own code passes through, so that a failure of katavm is always 125; an interruption keeps 129, 130 or 143. */
export function exitCodeOf(error: unknown): number {
  if (isGoodEnd(error)) return ExitCode.ok;
  return isKatavmError(error) && error.exitCode >= ExitCode.hungUp ? error.exitCode : ExitCode.ours;
}

/** True where a launch ended as it is meant to, from outside: nothing of it is worth keeping. */
export function isGoodEnd(reason: unknown): boolean {
  return hasCode(reason, 'KATAVM_JENKINS_BUILD_ENDED') || hasCode(reason, 'KATAVM_JENKINS_DISCONNECTED');
}

function disconnected(): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_DISCONNECTED',
    message: 'Jenkins has disconnected the node (SIGTERM), as it does after its build; the clone is deleted',
    exitCode: ExitCode.ok,
  });
}

/** No failure: with the gate, a clone's one build is the reason for which it ends. */
export function buildEnded(build: string | undefined): KatavmError {
  const message = `the build has ended${build === undefined ? '' : `: ${build}`}; its clone is deleted`;
  return new KatavmError({ code: 'KATAVM_JENKINS_BUILD_ENDED', message, exitCode: ExitCode.ok });
}

export function inputEnded(): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_INPUT_ENDED',
    message: 'stdin ended before the agent was started: Jenkins has closed the connection; what had been started was undone',
    hint: 'a launch tried by hand needs a stdin that stays open; in Jenkins, look whether the launch ran into its timeout',
  });
}

export function agentStuck(): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_AGENT_STUCK',
    message:
      'the agent has neither ended nor written anything for 30 s since Jenkins closed the connection; its clone is deleted',
    hint: "nothing is lost: Jenkins had gone; the clone's console beside the log may show what the agent waited for",
  });
}
