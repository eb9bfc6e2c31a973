import { constants } from 'node:os';
import { interruptedBy } from '@katavm/core';
import type { PipedCommand } from '@katavm/lifecycle';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How long a command in a guest has to end after a signal before the clone is deleted under it: docker stop's default. */
const graceMilliseconds = 10_000;

/**
 * What signals do. The first one is handed to the guest's command while one runs, else it unwinds everything; the next one
 * unwinds; one more ends this process at once, and leaves the rest to libvirt and `katavm gc`.
 */
export class Interrupts {
  readonly #controller = new AbortController();
  #command: PipedCommand | undefined;
  #grace: NodeJS.Timeout | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  listen(): void {
    for (const name of signals) process.on(name, () => this.#receive(name));
  }

  /** From now on the first signal goes to this command. */
  forwardTo(command: PipedCommand): void {
    this.#command = command;
    const stop = () => {
      this.#command = undefined;
      clearTimeout(this.#grace);
    };
    command.ended.then(stop, stop);
  }

  #receive(name: (typeof signals)[number]): void {
    if (this.signal.aborted) process.exit(128 + constants.signals[name]);
    const unwind = () => this.#controller.abort(interruptedBy(name));
    if (!this.#command) {
      unwind();
      return;
    }
    this.#command.sendSignal(name.slice('SIG'.length));
    this.#command = undefined;
    this.#grace = setTimeout(unwind, graceMilliseconds);
  }
}
