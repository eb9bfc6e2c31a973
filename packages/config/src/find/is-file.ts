import { stat } from 'node:fs/promises';
import { systemErrorCode } from '@katavm/core';

/** False for what is absent, out of reach, or not a file. */
export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return false;
  }
}
