import type { Command } from '../runtime/command.js';

/** In the order of the help. Each is in a file of its own, which is loaded when it is asked for. */
const commands: Readonly<Record<string, () => Promise<object>>> = {
  run: async () => (await import('./run.js')).runCommand,
  master: async () => (await import('./master/master.js')).masterCommand,
  clone: async () => (await import('./clone/clone.js')).cloneCommand,
  pool: async () => (await import('./pool/pool.js')).poolCommand,
  agent: async () => (await import('./agent.js')).agentCommand,
  jenkins: async () => (await import('./jenkins/jenkins.js')).jenkinsCommand,
  keys: async () => (await import('./keys/keys.js')).keysCommand,
  config: async () => (await import('./config/config.js')).configCommand,
  doctor: async () => (await import('./doctor.js')).doctorCommand,
  gc: async () => (await import('./gc.js')).gcCommand,
  'create-keys': async () => (await import('./step/create-keys.js')).createKeysCommand,
  'build-base-image': async () => (await import('./step/build-base-image.js')).buildBaseImageCommand,
  'complete-base-image': async () => (await import('./step/complete-base-image.js')).completeBaseImageCommand,
  'clone-vm': async () => (await import('./step/clone-vm.js')).cloneVmCommand,
  'login-clone': async () => (await import('./step/login-clone.js')).loginCloneCommand,
  'start-clone-agent': async () => (await import('./step/start-clone-agent.js')).startCloneAgentCommand,
  'delete-clone': async () => (await import('./step/delete-clone.js')).deleteCloneCommand,
};

/** The commands that these words name; all of them where they name none: for the help, a completion, or a word that is no command. */
export async function commandsFor(argv: readonly string[]): Promise<Command[]> {
  // The steps may be named with their number: 4-clone-vm.
  const words = new Set(argv.map((word) => word.replace(/^[1-7]-/, '')));
  const all = Object.entries(commands);
  const named = all.filter(([name]) => words.has(name));
  return (await Promise.all((named.length > 0 ? named : all).map(([, load]) => load()))) as Command[]; // each has options of its own
}
