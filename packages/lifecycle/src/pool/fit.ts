import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { VmConfig } from '@katavm/config';
import type { Context } from '../context/context.js';
import type { ReadyClone } from './pool-folder.js';

/**
 * Names everything that a clone was made of and that may change while it waits: its generation, the VM that the config describes,
 * the key that opens it. A waiting clone fits a job only where this is the same.
 */
export async function fitOf({ state }: Context, { vm, keys }: VmConfig, generation: string): Promise<string> {
  const publicKey = await readFile(`${state.key(keys.name)}.pub`, 'utf8').catch(() => '');
  return createHash('sha256')
    .update(JSON.stringify([generation, vm, publicKey.trim()]))
    .digest('hex');
}

export function isTooOld({ since }: Pick<ReadyClone, 'since'>, { pool }: Pick<VmConfig, 'pool'>, now = Date.now()): boolean {
  return now - Date.parse(since) > pool.maxAge;
}
