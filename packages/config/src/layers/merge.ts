import type { Path } from '@katavm/core/document';
import type { Layer } from './layer.js';
import { isMapping, type Mapping } from './tree.js';

/** What a layer gives as a whole: a scalar or a list. */
interface Leaf {
  readonly layer: Layer;
  readonly value: unknown;
}

/** The layers as one tree in which every leaf knows its layer. */
export type Branch = Map<string, Leaf | Branch>;

/** Whether keys of two layers can stand together in the mapping at a path: `base` is a choice between kinds. */
export type GoTogether = (path: Path, keys: readonly string[]) => boolean;

/**
 * Merges layers, lowest first. Mappings merge key by key; a scalar or a list replaces what is below it; `null` takes it back.
 * A mapping whose keys do not go together with the lower one's replaces it.
 */
export function mergeLayers(layers: readonly Layer[], goTogether: GoTogether): Branch {
  const root: Branch = new Map();
  for (const layer of layers) grow(root, layer.value, { layer, goTogether, path: [] });
  return root;
}

/** The merged values alone. */
export function valuesOf(branch: Branch): Record<string, unknown> {
  return Object.fromEntries([...branch].map(([key, node]) => [key, node instanceof Map ? valuesOf(node) : node.value]));
}

interface Growth {
  readonly layer: Layer;
  readonly goTogether: GoTogether;
  readonly path: Path;
}

function grow(branch: Branch, mapping: Mapping, growth: Growth): void {
  for (const [key, value] of Object.entries(mapping)) {
    if (value === null || value === undefined) branch.delete(key);
    else if (isMapping(value)) {
      const inner = { ...growth, path: [...growth.path, key] };
      grow(branchFor(branch, key, value, inner), value, inner);
    } else branch.set(key, { layer: growth.layer, value });
  }
}

function branchFor(parent: Branch, key: string, value: Mapping, { goTogether, path }: Growth): Branch {
  const below = parent.get(key);
  if (below instanceof Map && goTogether(path, [...below.keys(), ...Object.keys(value)])) return below;
  const fresh: Branch = new Map();
  parent.set(key, fresh);
  return fresh;
}
