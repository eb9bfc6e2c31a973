import { loadConfig, type VmConfig } from '@katavm/config';
import type { Emit } from '@katavm/core';
import { type Context, loadAdapters, openContext } from '@katavm/lifecycle';
import { closeEarly, type EarlyConnection } from './early-connection.js';

export interface OpenContextInput {
  readonly nameOrPath: string;
  readonly env: NodeJS.ProcessEnv;
  readonly emit: Emit;
  /** Becomes the context's own, or is closed. */
  readonly early: EarlyConnection;
}

/** A config and what works on it. Only the three adapters that a clone's life needs are loaded: an agent's hook lives for hours. */
export async function openContextOf(input: OpenContextInput): Promise<{ readonly config: VmConfig; readonly context: Context }> {
  const { nameOrPath, env, emit, early } = input;
  try {
    const config = await loadConfig({ nameOrPath, env });
    const { file, modules } = config.site;
    const adapters = await loadAdapters({ file, modules }, ['keys', 'libvirt', 'ssh']);
    const fits = config.vm.uri === early.uri && modules.libvirt === undefined;
    if (!fits) await closeEarly(early);
    const connections = fits ? { [early.uri]: early.hypervisor } : {};
    return { config, context: await openContext({ env, adapters, emit, connections }) };
  } catch (error) {
    await closeEarly(early);
    throw error;
  }
}
