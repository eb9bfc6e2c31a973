export { createGate } from './create-gate.js';
export type { BuildEnd, Gate, GateInput } from './gate.js';
