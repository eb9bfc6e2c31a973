import type { Path } from '@katavm/core/document';
import type { Layer } from './layer.js';
import type { Branch } from './merge.js';
import { isMapping } from './tree.js';

/** Where values were written. */
export interface Origins {
  /** `/etc/katavm/site.yaml:12`, `$LIBVIRT_DEFAULT_URI`, or `default` where nothing gives the value. */
  of(path: Path): string;
  /** Where to mend a value: as `of`, and for a value that no file gives, the mapping that it would stand in. */
  place(path: Path): string;
}

/** @param layers lowest first. @param own the layer that is named for what no layer writes. */
export function originsOf(tree: Branch, layers: readonly Layer[], own: Layer): Origins {
  return {
    of: (path) => {
      const { layer, holdsIt } = giverOf(tree, path);
      return layer && holdsIt ? layer.place(path) : 'default';
    },
    place: (path) => (giverOf(tree, path).layer ?? nearestLayer(layers, path) ?? own).place(path),
  };
}

/** The layer that gave the value at this path, or the list that the value would stand in; of a mapping, that of its first leaf. */
function giverOf(tree: Branch, path: Path): { readonly layer: Layer | undefined; readonly holdsIt: boolean } {
  let node: Branch = tree;
  for (const [index, part] of path.entries()) {
    const child = node.get(String(part));
    if (child === undefined) return { layer: undefined, holdsIt: false };
    if (!(child instanceof Map)) return { layer: child.layer, holdsIt: holds(child.value, path.slice(index + 1)) };
    node = child;
  }
  return { layer: firstLeaf(node), holdsIt: true };
}

function firstLeaf(branch: Branch): Layer | undefined {
  for (const node of branch.values()) {
    const layer = node instanceof Map ? firstLeaf(node) : node.layer;
    if (layer) return layer;
  }
  return undefined;
}

/** A scalar holds every path below it: `network: bridge:br0` gives `network.name`. */
function holds(value: unknown, path: Path): boolean {
  const [part, ...rest] = path;
  if (part === undefined || typeof value !== 'object' || value === null) return value !== undefined;
  if (Array.isArray(value)) return typeof part === 'number' && holds(value[part], rest);
  return isMapping(value) && Object.hasOwn(value, part) && holds(value[part], rest);
}

/** The highest layer that writes the longest part of the path. */
function nearestLayer(layers: readonly Layer[], path: Path): Layer | undefined {
  for (let length = path.length; length > 0; length--) {
    const layer = layers.findLast(({ value }) => holds(value, path.slice(0, length)));
    if (layer) return layer;
  }
  return undefined;
}
