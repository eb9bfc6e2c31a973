export type * from './adapter.js';
export { adapter, prepareBase } from './prepare-base.js';
export { type BaseSource, baseSchema } from './schema.js';
