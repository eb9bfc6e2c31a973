import { ExitCode, isKatavmError, KatavmError } from '@katavm/core';

interface KnownFailure {
  readonly said: RegExp;
  readonly code: KatavmError['code'];
  readonly hint: string;
  readonly exitCode?: ExitCode;
}

const known: readonly KnownFailure[] = [
  {
    said: /No space left on device|Disk quota exceeded/i,
    code: 'KATAVM_DISK_FULL',
    hint: 'free some space ("katavm gc", "df -h"), or set KATAVM_HOME to a folder on a larger disk',
  },
  {
    said: /Failed to get "?(write|shared "?\w+"?|consistent read|resize)"? lock|Is another process using the image/i,
    code: 'KATAVM_DISK_IN_USE',
    hint: 'a running VM, or another qemu-img, has it open: end that first',
  },
  {
    said: /Could not open backing file|backing file.*(No such file|Permission denied)/is,
    code: 'KATAVM_DISK_BACKING_MISSING',
    hint: 'the master that the image stands on was moved, deleted, or cannot be read; "katavm master list" shows what there is',
  },
  {
    said: /No such file or directory/i,
    code: 'KATAVM_DISK_NOT_FOUND',
    hint: 'check the path',
    exitCode: ExitCode.notFound,
  },
];

/** The error for a qemu-img that failed, told by what it said. `doing` as in `could not ${doing}`. */
export function diskFailed(doing: string, said: string, cause?: unknown): KatavmError {
  const failure = known.find((candidate) => candidate.said.test(said));
  return new KatavmError({
    code: failure?.code ?? 'KATAVM_DISK_FAILED',
    message: `could not ${doing}: ${said.trim().replace(/^qemu-img: /gm, '')}`,
    hint: failure?.hint ?? 'check the image with "qemu-img check PATH"',
    exitCode: failure?.exitCode,
    cause,
  });
}

/** Gives an `exec` of qemu-img that failed its code; whatever else was thrown (an abort, a missing program) stays as it is. */
export async function explaining<T>(doing: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isKatavmError(error) || error.code !== 'KATAVM_COMMAND_FAILED') throw error;
    throw diskFailed(doing, String(error.details['stderr'] || error.message), error);
  }
}
