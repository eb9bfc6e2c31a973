import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ExitCode, KatavmError, messageOf } from '@katavm/core';

/**
 * The absolute path of a file that a setting names.
 *
 * @throws KATAVM_BASE_FILE_UNREADABLE
 */
export async function readableFile(path: string, setting: string): Promise<string> {
  const absolute = resolve(path);
  const problem = await whyUnreadable(absolute);
  if (problem === undefined) return absolute;
  throw new KatavmError({
    code: 'KATAVM_BASE_FILE_UNREADABLE',
    message: `cannot read ${absolute}, which ${setting} names: ${problem}`,
    hint: `check the path, and that "ls -l ${absolute}" shows a file that you may read`,
    exitCode: ExitCode.notFound,
  });
}

async function whyUnreadable(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.R_OK);
    return (await stat(path)).isFile() ? undefined : 'it is not a regular file';
  } catch (error) {
    return messageOf(error);
  }
}
