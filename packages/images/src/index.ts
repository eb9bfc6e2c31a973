export type * from './adapter.js';
export { collectBases } from './cache/collect-bases.js';
export { adapter } from './images-adapter.js';
export { prepareBase } from './prepare-base.js';
export { type BaseSource, baseSchema } from './schema.js';
