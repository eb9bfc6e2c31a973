/** How a YAML value is called in messages, and how shapes are told apart. */
export type Kind = 'string' | 'number' | 'boolean' | 'null' | 'list' | 'mapping' | 'binary' | 'date' | 'other';

export function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Uint8Array) return 'binary';
  if (value instanceof Date) return 'date';
  if (isMapping(value)) return 'mapping';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return typeof value as Kind;
  return 'other';
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** `a list`, `the number 420`, `nothing`: what YAML made of what was written. */
export function describeValue(value: unknown): string {
  const kind = kindOf(value);
  if (kind === 'number' || kind === 'boolean') return `the ${kind} ${String(value)}`;
  if (kind === 'null') return 'nothing';
  return kind === 'binary' ? 'binary data' : `a ${kind}`;
}
