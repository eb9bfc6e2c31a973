import { open, readFile, rename } from 'node:fs/promises';
import { KatavmError, messageOf, systemErrorCode } from '@katavm/core';
import type { z } from '@katavm/core/schema';

export interface WriteJsonOptions {
  /** Default 0644. */
  readonly mode?: number;
  /** Default true: without it a power cut can leave an empty file. */
  readonly sync?: boolean;
}

/** Writes a JSON file so that a reader sees the old or the new one whole, after a power cut too. */
export async function writeJson(path: string, value: unknown, options: WriteJsonOptions = {}): Promise<void> {
  const { mode = 0o644, sync = true } = options;
  const partial = `${path}.${process.pid}.partial`;
  const file = await open(partial, 'w', mode);
  try {
    await file.writeFile(`${JSON.stringify(value, undefined, 2)}\n`);
    if (sync) await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
}

/**
 * Reads a JSON file that katavm wrote. `undefined` where there is none.
 *
 * @throws KATAVM_STATE_DAMAGED when it is not what katavm writes.
 */
export async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw new KatavmError({
      code: 'KATAVM_STATE_DAMAGED',
      message: `could not read ${path}: ${messageOf(error)}`,
      hint: 'if it was edited, put it back; otherwise remove its folder, and run the step that made it again',
      cause: error,
    });
  }
}
