import type { Path } from '@katavm/core/document';
import type { Mapping } from './tree.js';

/** One source of values, lowest first: what katavm.yaml extends, katavm.yaml, the site file, the site file's part for this config. */
export interface Layer {
  /** In the shape of katavm.yaml; only what this layer gives. A `null` takes a value back: the default holds again. */
  readonly value: Mapping;
  /** `file:line` of a path, or of its nearest ancestor that is written there. */
  readonly place: (path: Path) => string;
}
