import { ExitCode, KatavmError, messageOf, systemErrorCode } from '@katavm/core';

export function sourceUnreadable(source: string, cause: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_FILE_UNREADABLE',
    message: `cannot read ${source}, which is to be put into the guest: ${messageOf(cause)}`,
    hint: 'check the path and its permissions',
    exitCode: systemErrorCode(cause) === 'ENOENT' ? ExitCode.usage : ExitCode.failed,
    details: { source },
    cause,
  });
}

export function putFailed(target: string, cause: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_PUT_FAILED',
    message: `could not write ${target} in the guest: ${messageOf(cause)}; a file that was there is as it was`,
    hint: "check that its folder exists, that the login user may write there, and that the guest's disk is not full",
    details: { target },
    cause,
  });
}
