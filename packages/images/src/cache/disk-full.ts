import { mkdir, statfs } from 'node:fs/promises';
import { ExitCode, KatavmError, systemErrorCode } from '@katavm/core';

/** Turns ENOSPC and EDQUOT into an error that says where; gives every other error back as it is. */
export function asDiskFull(error: unknown, directory: string): unknown {
  const code = systemErrorCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT' ? diskFull(directory, 'nothing more can be written', error) : error;
}

/**
 * Refuses work that cannot end well, before it begins.
 *
 * @throws KATAVM_BASE_DISK_FULL
 */
export async function requireFreeSpace(directory: string, neededBytes: number): Promise<void> {
  await mkdir(directory, { recursive: true });
  const { bavail, bsize } = await statfs(directory);
  if (bavail * bsize >= neededBytes) return;
  throw diskFull(directory, `${inMebibytes(bavail * bsize)} are free, ${inMebibytes(neededBytes)} are needed`);
}

export function diskFull(directory: string, what: string, cause?: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_BASE_DISK_FULL',
    message: `there is not enough room in ${directory} for the base: ${what}; the cache was left as it was`,
    hint: `free some space ("katavm gc" removes what nothing uses any more), then try again; "df -h ${directory}" shows the file system`,
    exitCode: ExitCode.hostNotReady,
    details: { directory },
    cause,
  });
}

function inMebibytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 ** 2)} MiB`;
}
