import { join, resolve } from 'node:path';

/**
 * Where katavm keeps what it stores: `$KATAVM_HOME`, else `/var/lib/katavm` for root, else `$XDG_DATA_HOME/katavm`
 * (default `~/.local/share/katavm`).
 */
export function stateHome(env: NodeJS.ProcessEnv, uid: number): string {
  if (env['KATAVM_HOME']) return resolve(env['KATAVM_HOME']);
  if (uid === 0) return '/var/lib/katavm';
  return join(env['XDG_DATA_HOME'] || join(env['HOME'] ?? '/', '.local/share'), 'katavm');
}
