// A way in of its own, which loads next to nothing: it comes before whatever is to be taken from the cache.
import { enableCompileCache } from 'node:module';
import { stateHome } from '../home/state-home.js';
import { privateFolder } from './private-folder.js';

/**
 * Has Node keep what it compiles of katavm, and take it from there at the next start (docs/decisions/compile-cache.md). Call it first
 * in a program, and import the rest of it afterwards.
 */
export function keepCompiledCode(env: NodeJS.ProcessEnv): void {
  const uid = process.getuid?.() ?? 0;
  const folder = privateFolder(stateHome(env, uid), 'compile-cache', uid);
  if (folder !== undefined) enableCompileCache(folder);
}
