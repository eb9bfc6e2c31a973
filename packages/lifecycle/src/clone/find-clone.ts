import { ExitCode, KatavmError, type VmName } from '@katavm/core';
import type { Context } from '../context/context.js';
import { type CloneRecord, readCloneRecord } from '../state/clone-record.js';

/** @throws KATAVM_CLONE_NOT_FOUND */
export async function findClone(context: Context, name: VmName): Promise<CloneRecord> {
  const record = await readCloneRecord(context.state, name);
  if (record) return record;
  throw new KatavmError({
    code: 'KATAVM_CLONE_NOT_FOUND',
    message: `there is no clone "${name}"`,
    hint: '"katavm clone list" shows those that are there; "katavm clone create CONFIG" makes one',
    exitCode: ExitCode.notFound,
  });
}
