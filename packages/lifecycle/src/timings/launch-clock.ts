import type { Emit, KatavmEvent } from '@katavm/core';

/** How long a part of a launch took. */
export interface LaunchTiming {
  /**
   * overlay, define, start, boot, handshake, agent; where the guest was asked, its own parts in place of `boot`; `turn` before `start`
   * where the boot waited for others. From a template, restore and wake (until the guest may be connected to) in place of start; of the
   * pool resume, wake (with the handshake) and agent.
   */
  readonly part: string;
  readonly milliseconds: number;
}

/** Adds up what a launch tells of its parts. */
export class LaunchClock {
  readonly #timings: (LaunchTiming & { readonly endedAt: number })[] = [];

  constructor(private readonly next: Emit) {}

  readonly emit = (event: KatavmEvent): void => {
    // The last time counts: an sshd that was restarted is waited for, and connected to, again.
    if (event.type === 'timing') this.#put(event.part, event.milliseconds);
    this.next(event);
  };

  get timings(): readonly LaunchTiming[] {
    return this.#timings.map(({ part, milliseconds }) => ({ part, milliseconds }));
  }

  /** When a part began and ended, by `performance.now()`; `undefined` where this launch had no such part. */
  span(part: string): { readonly began: number; readonly ended: number } | undefined {
    const found = this.#timings.find((each) => each.part === part);
    return found && { began: found.endedAt - found.milliseconds, ended: found.endedAt };
  }

  #put(part: string, milliseconds: number): void {
    const at = this.#timings.findIndex((each) => each.part === part);
    const timing = { part, milliseconds, endedAt: performance.now() };
    if (at < 0) this.#timings.push(timing);
    else this.#timings[at] = timing;
  }
}
