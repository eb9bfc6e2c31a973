import type { KatavmEvent, ProgressEvent } from '@katavm/core';
import { lineOf, progressText } from './event-line.js';
import type { Progress } from './progress.js';

/** A countable piece of work gets a line this often, where there is no terminal to rewrite one on. */
const everyMilliseconds = 10_000;

/** One line an event, with the time since the start: for logs and CI. */
export class PlainProgress implements Progress {
  readonly #begin = performance.now();
  #shownAt = performance.now();

  constructor(
    private readonly write: (text: string) => void,
    private readonly verbose: boolean,
  ) {}

  readonly emit = (event: KatavmEvent): void => {
    const line = event.type === 'progress' ? this.#progressLine(event) : lineOf(event, this.verbose);
    if (line !== undefined) this.write(`[${this.#elapsed()}] ${line}\n`);
  };

  close(): void {}

  #progressLine(event: ProgressEvent): string | undefined {
    if (performance.now() - this.#shownAt < everyMilliseconds) return undefined;
    this.#shownAt = performance.now();
    return `${event.what}: ${progressText(event)}`;
  }

  #elapsed(): string {
    return `${((performance.now() - this.#begin) / 1000).toFixed(1).padStart(6)}s`;
  }
}
