import type { Path } from '@katavm/core/document';

/** A mapping of a YAML document. */
export type Mapping = Readonly<Record<string, unknown>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy of the tree with every leaf (what is neither mapping nor list) replaced by `change(leaf, path)`. */
export function mapLeaves(root: unknown, change: (leaf: unknown, path: Path) => unknown, path: Path = []): unknown {
  if (Array.isArray(root)) return root.map((item, index) => mapLeaves(item, change, [...path, index]));
  if (isMapping(root)) return mapValues(root, (value, key) => mapLeaves(value, change, [...path, key]));
  return change(root, path);
}

/** Built by fromEntries, which defines keys and so takes `__proto__` for a key as well. */
export function mapValues<T>(mapping: Mapping, change: (value: unknown, key: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(mapping).map(([key, value]) => [key, change(value, key)]));
}
