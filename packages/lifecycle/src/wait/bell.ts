/** Wakes whoever waits; one that rings while nobody waits is heard by the next. */
export class Bell {
  #rung = false;
  #wake = () => {};

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake();
  };

  /** Until it rings, the time is over, or the signal is aborted. */
  async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        signal.addEventListener('abort', this.ring, { once: true });
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      signal.removeEventListener('abort', this.ring);
    }
    this.#rung = false;
    this.#wake = () => {};
  }
}
