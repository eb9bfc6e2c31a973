import { ExitCode } from '../errors/exit-codes.js';
import { type ErrorCode, KatavmError } from '../errors/katavm-error.js';
import type { z } from '../schema/index.js';
import { describeIssue } from './describe-issue.js';
import { knownKeysAt } from './known-keys.js';
import type { Path } from './locate-lines.js';

/** A value to validate, and how to say where a path in it was written. */
export interface Validation<T> {
  readonly value: unknown;
  readonly schema: z.ZodType<T>;
  /** `file:line` for a path. */
  readonly place: (path: Path) => string;
  /** What the value is, for the message: `config debian12`. */
  readonly subject: string;
  /** The error's code for anything but an unknown key. */
  readonly code: ErrorCode;
  /** The error's code when a key is unknown. Default: `code`. */
  readonly unknownKeyCode?: ErrorCode;
}

/**
 * Parses a value by a schema; every problem is told at once, each with its place, unknown keys with the nearest known one.
 *
 * @throws `code` or `unknownKeyCode`, exit code 2.
 */
export function validate<T>(validation: Validation<T>): T {
  const result = validation.schema.safeParse(validation.value);
  if (result.success) return result.data;
  const knownAt = (path: Path) => knownKeysAt(validation.schema, path);
  const problems = result.error.issues
    .flatMap((issue) => describeIssue(issue, knownAt))
    .map((problem) => ({ ...problem, where: validation.place(problem.path) }));
  const allUnknown = problems.every((problem) => problem.unknownKey);
  throw new KatavmError({
    code: allUnknown ? (validation.unknownKeyCode ?? validation.code) : validation.code,
    message: `${validation.subject} is not valid:\n${problems.map(({ where, what }) => `  ${where}: ${what}`).join('\n')}`,
    hint: 'mend the lines above; nothing was started',
    exitCode: ExitCode.usage,
    details: { problems: problems.map(({ where, what }) => ({ where, what })) },
  });
}
