import { hasCode, isKatavmError } from '@katavm/core';
import { keyNotWritten } from './failures.js';

/** Has `work` write at `path`. @throws KATAVM_KEY_NOT_WRITTEN whichever way it hears of a full disk or a folder that refuses. */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // ssh-keygen reports a full disk by its exit code.
    if (isKatavmError(error) && !hasCode(error, 'KATAVM_COMMAND_FAILED')) throw error;
    throw keyNotWritten(path, error);
  }
}
