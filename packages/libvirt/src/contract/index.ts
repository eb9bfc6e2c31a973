export { type HypervisorWorld, hypervisorContract, type TestFunctions } from './hypervisor-contract.js';
