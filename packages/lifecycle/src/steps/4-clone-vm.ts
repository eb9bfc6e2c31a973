import type { VmConfig } from '@katavm/config';
import { type VmName, withUndo } from '@katavm/core';
import { usualCloneName } from '../clone/clone-names.js';
import { deleteClone } from '../clone/delete-clone.js';
import { withKeptClone } from '../clone/job-lock.js';
import { cloneExists, makeClone } from '../clone/make-clone.js';
import type { Context } from '../context/context.js';
import { type CloneRecord, readCloneRecord } from '../state/clone-record.js';
import { currentGeneration } from '../state/generations.js';
import { type Plan, planOf, type StepOptions } from './plan.js';

export interface CloneVmInput extends StepOptions {
  readonly config: VmConfig;
  /** Default `<config>-clone`. */
  readonly name?: VmName | undefined;
  /** Replaces a clone that was started, or was made of an older generation. */
  readonly force: boolean;
}

export interface CloneVmResult {
  readonly clone: string;
  readonly generation: string;
  /** False where a clean clone of the current generation was there already. */
  readonly created: boolean;
}

/** Step 4: a clone that stays until it is deleted. @throws KATAVM_CLONE_EXISTS for one that is not clean any more. */
export async function cloneVm(context: Context, input: CloneVmInput, signal: AbortSignal): Promise<CloneVmResult | Plan> {
  const { config } = input;
  const name = input.name ?? usualCloneName(config.name);
  const { manifest } = await currentGeneration(context.state, config.name);
  if (input.dryRun) return planClone(context, name, manifest.generation, input.force);
  return withKeptClone(context.state, name, signal, async () => {
    const found = await readCloneRecord(context.state, name);
    if (found && isClean(found, manifest.generation)) return { clone: name, generation: found.generation, created: false };
    if (found && input.force) await deleteClone(context, name, config.vm.uri, signal);
    const record = await withUndo(context.emit, (undo) => makeClone(context, { config, name, purpose: 'kept', undo, signal }));
    return { clone: name, generation: record.generation, created: true };
  });
}

async function planClone(context: Context, name: VmName, generation: string, force: boolean): Promise<Plan> {
  const found = await readCloneRecord(context.state, name);
  if (found && isClean(found, generation)) return planOf();
  if (found && !force) throw cloneExists(name);
  const replace = found ? [['delete clone', name] as const] : [];
  return planOf(...replace, ['create overlay', generation], ['create identity disk', name], ['define domain', name]);
}

function isClean(record: CloneRecord, generation: string): boolean {
  return record.started === undefined && record.generation === generation && record.purpose === 'kept';
}
