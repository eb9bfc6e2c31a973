import { trackStep } from '@katavm/core';
import type { KeyType } from '@katavm/keys';
import type { Context } from '../context/context.js';
import { type Plan, planOf, type StepOptions } from './plan.js';

export interface CreateKeysInput extends StepOptions {
  /** Name of the pair in `keys/`. */
  readonly name: string;
  readonly type: KeyType;
  /** Replaces an existing pair: the next clone gets the new one, no master has to be built again. */
  readonly force: boolean;
}

export interface CreateKeysResult {
  readonly path: string;
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly created: boolean;
}

/** Step 1: the key pair that opens clones. @throws KATAVM_KEY_* */
export async function createKeys(
  context: Context,
  input: CreateKeysInput,
  signal: AbortSignal,
): Promise<CreateKeysResult | Plan> {
  const path = context.state.key(input.name);
  if (input.dryRun)
    return planOf([`create ${input.type} key pair${input.force ? ', replacing one that exists' : ' where absent'}`, path]);
  return trackStep(context.emit, 'create keys', input.name, () =>
    context.adapters.keys.createKeyPair({ path, type: input.type, comment: `katavm ${input.name}`, force: input.force, signal }),
  );
}
