export type * from './adapter.js';
export { type BaseSource, baseSchema } from './schema.js';
