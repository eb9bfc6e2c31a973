import type { VmName } from '@katavm/core';
import { deleteClone as remove } from '../clone/delete-clone.js';
import { withKeptClone } from '../clone/job-lock.js';
import type { Context } from '../context/context.js';
import { listCloneNames } from '../state/clone-record.js';
import { type Plan, planOf, type StepOptions } from './plan.js';

export interface DeleteCloneInput extends StepOptions {
  readonly name: VmName;
  /** libvirt connection URI, where the clone's own record is gone. */
  readonly uri: string;
}

export interface DeleteCloneResult {
  readonly clone: string;
  /** False where there was none. */
  readonly deleted: boolean;
}

/** Step 7: removes domain, overlay, identity, console and record of one clone, and nothing else. Idempotent. */
export async function deleteClone(
  context: Context,
  input: DeleteCloneInput,
  signal: AbortSignal,
): Promise<DeleteCloneResult | Plan> {
  const { name, uri } = input;
  if (input.dryRun) return planDelete(context, name, uri, signal);
  const deleted = await withKeptClone(context.state, name, signal, () => remove(context, name, uri, signal));
  return { clone: name, deleted };
}

async function planDelete(context: Context, name: VmName, uri: string, signal: AbortSignal): Promise<Plan> {
  const domain = await (await context.connect(uri, signal)).find(name);
  const isStored = (await listCloneNames(context.state)).includes(name);
  if (!isStored && domain?.metadata.home !== context.state.home) return planOf();
  return planOf(['destroy and undefine domain', name], ['remove folder', context.state.clone(name)]);
}
