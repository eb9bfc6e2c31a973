import { formatDuration, type KatavmEvent } from '@katavm/core';
import { lineOf, progressText } from './event-line.js';
import type { Progress } from './progress.js';

const refreshMilliseconds = 200;
const clearLine = '\r\u001b[2K';

interface OpenStep {
  readonly key: string;
  readonly text: string;
  readonly since: number;
  detail: string;
}

/** Lines for what has ended, and below them one line that says what runs, since when, and how far it is. */
export class TtyProgress implements Progress {
  readonly #open: OpenStep[] = [];
  readonly #timer: NodeJS.Timeout;
  #statusShown = false;

  constructor(
    private readonly write: (text: string) => void,
    private readonly verbose: boolean,
  ) {
    this.#timer = setInterval(() => this.#showStatus(), refreshMilliseconds);
    this.#timer.unref();
  }

  readonly emit = (event: KatavmEvent): void => {
    if (event.type === 'step') this.#follow(event);
    const innermost = this.#open.at(-1);
    if (innermost && event.type === 'progress') innermost.detail = progressText(event);
    if (innermost && event.type === 'wait' && event.state === 'waiting') innermost.detail = `waiting for ${event.requirement}`;
    const begins = event.type === 'step' && event.state === 'started';
    const line = begins ? undefined : lineOf(event, this.verbose);
    if (line !== undefined) this.#print(event, line);
    this.#showStatus();
  };

  close(): void {
    clearInterval(this.#timer);
    this.#clearStatus();
  }

  #follow(event: Extract<KatavmEvent, { type: 'step' }>): void {
    const text = event.subject === undefined ? event.step : `${event.step} ${event.subject}`;
    if (event.state === 'started') {
      this.#open.push({ key: text, text, since: performance.now(), detail: '' });
      return;
    }
    const index = this.#open.findLastIndex((step) => step.key === text);
    if (index >= 0) this.#open.splice(index, 1);
  }

  #print(event: KatavmEvent, line: string): void {
    this.#clearStatus();
    const mark = event.type !== 'step' ? ' ' : event.state === 'done' ? '✓' : '✗';
    this.write(`${mark} ${line}\n`);
  }

  #showStatus(): void {
    const step = this.#open.at(-1);
    if (!step) {
      this.#clearStatus();
      return;
    }
    const detail = step.detail === '' ? '' : ` · ${step.detail}`;
    const text = `… ${step.text}${detail} · ${formatDuration(performance.now() - step.since)}`;
    this.write(`${clearLine}${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    this.#statusShown = true;
  }

  #clearStatus(): void {
    if (this.#statusShown) this.write(clearLine);
    this.#statusShown = false;
  }
}
