import type { z } from '../schema/index.js';
import type { Path } from './locate-lines.js';
import { suggest } from './suggest.js';

/** One thing that is wrong with a value. */
export interface Problem {
  readonly path: Path;
  /** For people; begins with the path. */
  readonly what: string;
  readonly unknownKey: boolean;
}

/** The keys that a schema knows at a path. */
export type KnownKeysAt = (path: Path) => readonly string[];

/** Turns one of zod's issues into what a person has to mend. `above` is where the issue's own path begins. */
export function describeIssue(issue: z.core.$ZodIssue, knownAt: KnownKeysAt, above: Path = []): Problem[] {
  const path = [...above, ...issue.path.filter((part) => typeof part !== 'symbol')];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key], knownAt(path)));
  if (issue.code === 'invalid_union' && issue.errors.length > 0) return describeUnion(issue, knownAt, path);
  return [{ path, what: `${nameOf(path)} ${complaintOf(issue)}`, unknownKey: false }];
}

/**
 * zod tells of a union only that no branch fits. What the user meant is the branch that the value comes nearest to; a key that
 * no branch knows is a slip of the pen whatever was meant.
 */
function describeUnion(union: z.core.$ZodIssueInvalidUnion, knownAt: KnownKeysAt, path: Path): Problem[] {
  const known = knownAt(path);
  const keys = union.errors
    .flat()
    .flatMap((issue) => (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : []));
  const unknown = [...new Set(keys)].filter((key) => !known.includes(key));
  if (unknown.length > 0) return unknown.map((key) => unknownKey([...path, key], known));
  const types = union.errors.map((branch) => branch.find((issue) => issue.code === 'invalid_type' && issue.path.length === 0));
  if (types.every((issue) => issue?.code === 'invalid_type')) {
    const expected = new Set(types.map((issue) => (issue?.code === 'invalid_type' ? issue.expected : '')));
    return [{ path, what: `${nameOf(path)} must be ${[...expected].join(' or ')}`, unknownKey: false }];
  }
  const [nearest = []] = [...union.errors].sort((a, b) => distance(a) - distance(b));
  return nearest.flatMap((issue) => describeIssue(issue, knownAt, path));
}

/** What is wrong at the union's own level weighs more than any number of problems further down: those show that the branch was meant. */
function distance(branch: readonly z.core.$ZodIssue[]): number {
  const own = branch.filter((issue) => issue.path.length <= 1).length;
  return own * 1000 + branch.length;
}

function unknownKey(path: Path, known: readonly string[]): Problem {
  const key = String(path.at(-1));
  if (known.includes(key)) return { path, what: `${nameOf(path)} does not go with the other keys beside it`, unknownKey: false };
  const nearest = suggest(key, known);
  return { path, what: `unknown key "${path.join('.')}"${nearest ? `; did you mean "${nearest}"?` : ''}`, unknownKey: true };
}

function complaintOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return `is missing (${issue.expected})`;
  const inner = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
  return `is not valid: ${inner ?? issue.message.replace(/^Invalid input: /, '')}`;
}

function nameOf(path: Path): string {
  return path.length === 0 ? 'the document' : path.join('.');
}
