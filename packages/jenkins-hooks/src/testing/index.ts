// A stand-in for Jenkins' REST interface and its nodes, for tests: kept honest by what was measured on a real controller.
export { type Fault, StandInJenkins, token, user } from './stand-in-jenkins.js';
export type { StandInNode } from './stand-in-node.js';
