import { ExitCode, KatavmError } from '@katavm/core';
import type { Path } from '@katavm/core/document';
import { isFile } from '../find/is-file.js';
import type { Origins } from '../layers/origins.js';
import type { Settings } from '../schema/config-schema.js';

/**
 * The files that go into a master must be there before anything is started. A base's path is the images adapter's to check,
 * and the agent's jar is needed only when an agent starts.
 *
 * @throws KATAVM_CONFIG_FILE_MISSING for all that are absent, each with its line.
 */
export async function checkFiles(settings: Settings, origins: Origins, subject: string): Promise<void> {
  const needed = neededFiles(settings);
  const present = await Promise.all(needed.map(({ file }) => isFile(file)));
  const missing = needed.filter((_, index) => !present[index]);
  if (missing.length === 0) return;
  const lines = missing.map(({ path, file }) => `  ${origins.place(path)}: ${path.join('.')}: there is no file ${file}`);
  throw new KatavmError({
    code: 'KATAVM_CONFIG_FILE_MISSING',
    message: `${subject} names files that are not there:\n${lines.join('\n')}`,
    hint: 'a relative path is relative to the folder of the file that gives it',
    exitCode: ExitCode.usage,
    details: { files: missing.map(({ file }) => file) },
  });
}

function neededFiles({ cloudInit, complete }: Settings): { readonly path: Path; readonly file: string }[] {
  const candidates: { readonly path: Path; readonly file: string | undefined }[] = [
    { path: ['cloudInit', 'userData'], file: cloudInit.userData },
    { path: ['cloudInit', 'networkConfig'], file: cloudInit.networkConfig },
    ...complete.files.map(({ source }, index) => ({ path: ['complete', 'files', index, 'source'], file: source })),
  ];
  return candidates.flatMap(({ path, file }) => (file === undefined ? [] : [{ path, file }]));
}
