export { keysContract, type TestFunctions } from './keys-contract.js';
