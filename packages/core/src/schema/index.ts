/**
 * zod, in which every package writes its schemas. Its code is a part of this package's bundle (docs/decisions/bundles.md): Node takes
 * a third of a start to look up its hundred files.
 */
export * as z from './zod.js';
