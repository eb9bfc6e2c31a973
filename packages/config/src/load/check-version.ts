import { ExitCode, KatavmError } from '@katavm/core';
import type { Path } from '@katavm/core/document';
import type { Mapping } from '../layers/tree.js';
import { currentVersion } from '../schema/config-schema.js';

/** @throws KATAVM_CONFIG_VERSION before anything else is said of a file: another version may well have other keys. */
export function checkVersion(value: Mapping, place: (path: Path) => string, subject: string): void {
  if (value.version === currentVersion) return;
  const what = value.version === undefined ? 'it says no version' : `version ${JSON.stringify(value.version)} is not known`;
  throw new KatavmError({
    code: 'KATAVM_CONFIG_VERSION',
    message: `${subject} cannot be read: ${place(['version'])}: ${what}`,
    hint: `this katavm reads "version: ${currentVersion}"`,
    exitCode: ExitCode.usage,
  });
}
