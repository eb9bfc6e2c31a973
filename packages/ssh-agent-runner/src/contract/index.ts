export { type SshWorld, sshContract, type TestFunctions } from './ssh-contract.js';
