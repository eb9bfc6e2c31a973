import { stateHome } from '@katavm/core';
import { listCloneNames as list } from '../state/clone-record.js';
import { StateDirectory } from '../state/state-directory.js';

/** The names of the clones of this user's home, for a shell's completion: nothing is made or asked. */
export function listCloneNames(env: NodeJS.ProcessEnv): Promise<string[]> {
  return list(new StateDirectory(stateHome(env, process.getuid?.() ?? 0)));
}
