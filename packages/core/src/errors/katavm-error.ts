import { ExitCode } from './exit-codes.js';

/** Every code has a section of the same name in docs/errors.md. */
export type ErrorCode = `KATAVM_${string}`;

export interface KatavmErrorInit {
  /** Stable, for programs and for docs/errors.md. */
  readonly code: ErrorCode;
  /** What was being done, to what, and what happened. One sentence, no trailing newline. */
  readonly message: string;
  /** What to do next: a command where there is one. */
  readonly hint?: string | undefined;
  /** Default 1 (failed). */
  readonly exitCode?: ExitCode | undefined;
  /** The path of a log that holds the whole story. */
  readonly log?: string | undefined;
  /** Plain data for `--json`; never a secret. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

// Two versions of @katavm/core can be installed side by side, since packages are published one by one:
// `instanceof` would not recognise the other copy's errors, a registered symbol does.
const brand = Symbol.for('katavm.error');

/** An error that a user can meet. A bug stays a plain Error. */
export class KatavmError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;
  readonly log: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  readonly [brand] = true;

  constructor(init: KatavmErrorInit) {
    super(init.message, init.cause === undefined ? {} : { cause: init.cause });
    this.name = 'KatavmError';
    this.code = init.code;
    this.hint = init.hint;
    this.exitCode = init.exitCode ?? ExitCode.failed;
    this.log = init.log;
    this.details = init.details ?? {};
  }
}

/** True for a KatavmError of this or of any other installed copy of @katavm/core. */
export function isKatavmError(error: unknown): error is KatavmError {
  return typeof error === 'object' && error !== null && brand in error;
}

/** True for a KatavmError with this code. */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return isKatavmError(error) && error.code === code;
}
