export type * from './adapter.js';
export type * from './hypervisor.js';
