export { hypervisorContract } from './hypervisor-contract.js';
export type { HypervisorWorld, TestFunctions } from './scene.js';
