import { ExitCode } from '../errors/exit-codes.js';
import { KatavmError } from '../errors/katavm-error.js';

declare const milliseconds: unique symbol;
export type Milliseconds = number & { readonly [milliseconds]: true };

const millisecondsPerUnit: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Node's timers take a signed 32-bit number and fire at once for a larger one. */
const longestMilliseconds = 2 ** 31 - 1;

/**
 * Parses `500ms`, `30s`, `30m`, `1.5h`, `2d`.
 *
 * @throws KATAVM_DURATION_INVALID for a missing or unknown unit, 0, or more than 24 days.
 */
export function parseDuration(text: string): Milliseconds {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text);
  const factor = match?.[2] === undefined ? undefined : millisecondsPerUnit[match[2].toLowerCase()];
  const duration = match && factor !== undefined ? Math.round(Number(match[1]) * factor) : 0;
  if (duration <= 0 || duration > longestMilliseconds) {
    throw new KatavmError({
      code: 'KATAVM_DURATION_INVALID',
      message: `"${text}" is not a duration`,
      hint: 'write a number and a unit, for example 30s, 30m or 1.5h, and at most 24d',
      exitCode: ExitCode.usage,
    });
  }
  return duration as Milliseconds;
}

/** `0.4 s`, `12.3 s`, `4 min 05 s`. */
export function formatDuration(duration: number): string {
  const seconds = duration / 1000;
  // 59.95 is shown as 60.0.
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
