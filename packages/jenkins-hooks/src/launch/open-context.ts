import { loadConfig, type VmConfig } from '@katavm/config';
import type { Emit } from '@katavm/core';
import { type Context, loadAdapters, openContext } from '@katavm/lifecycle';

/** A config and what works on it. Only the three adapters that a clone's life needs are loaded: an agent's hook lives for hours. */
export async function openContextOf(
  nameOrPath: string,
  env: NodeJS.ProcessEnv,
  emit: Emit,
): Promise<{ readonly config: VmConfig; readonly context: Context }> {
  const config = await loadConfig({ nameOrPath, env });
  const { file, modules } = config.site;
  const adapters = await loadAdapters({ file, modules }, ['keys', 'libvirt', 'ssh']);
  return { config, context: await openContext({ env, adapters, emit }) };
}
