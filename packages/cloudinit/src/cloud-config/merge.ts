import type { CloudConfig } from '../adapter.js';
import { isMapping } from './kinds.js';

/** Mappings are merged key by key, lists are appended, of anything else the second wins. Order: the first's, then what is new. */
export function mergeConfigs(first: CloudConfig, second: CloudConfig): CloudConfig {
  const merged = new Map(Object.entries(first));
  for (const [key, value] of Object.entries(second))
    merged.set(key, merged.has(key) ? mergeValues(merged.get(key), value) : value);
  return Object.fromEntries(merged);
}

function mergeValues(first: unknown, second: unknown): unknown {
  if (Array.isArray(first) && Array.isArray(second)) return [...first, ...second];
  if (isMapping(first) && isMapping(second)) return mergeConfigs(first, second);
  return second;
}
