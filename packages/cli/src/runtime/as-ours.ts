import { ExitCode, isKatavmError, KatavmError } from '@katavm/core';

/**
 * Where a guest's own exit code passes through, katavm's failures all end with 125, so that the two cannot be mistaken.
 * An interruption keeps 130 or 143.
 */
export async function asOurs<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isKatavmError(error) || error.exitCode >= ExitCode.interrupted) throw error;
    const { code, message, hint, log, details, cause } = error;
    throw new KatavmError({ code, message, hint, log, details, cause, exitCode: ExitCode.ours });
  }
}
