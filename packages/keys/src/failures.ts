import { ExitCode, KatavmError, messageOf, systemErrorCode } from '@katavm/core';

function keyMissing(path: string, cause?: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_KEY_MISSING',
    message: `there is no key pair at ${path}: ${cause === undefined ? 'it was never created' : messageOf(cause)}`,
    hint: '"katavm keys create" makes it, or writes the .pub file again where only that one is missing',
    exitCode: ExitCode.notFound,
    details: { path },
    cause,
  });
}

/** For a file that is there and cannot be read, and for one that is absent. */
export function keyUnreadable(path: string, cause: unknown): KatavmError {
  if (systemErrorCode(cause) === 'ENOENT') return keyMissing(path, cause);
  return new KatavmError({
    code: 'KATAVM_KEY_UNREADABLE',
    message: `cannot read the key ${path}: ${messageOf(cause)}`,
    hint: `look at its owner and permissions: ls -l ${path}`,
    details: { path },
    cause,
  });
}

export function keyExposed(path: string, mode: number): KatavmError {
  return new KatavmError({
    code: 'KATAVM_KEY_EXPOSED',
    message: `the private key ${path} can be read by others: its mode is ${(mode & 0o777).toString(8).padStart(4, '0')}`,
    hint: `chmod 600 ${path}; if others have had access to this host, "katavm keys create --force" makes a new pair`,
    details: { path },
  });
}

export function keyInvalid(path: string, reason: string, cause?: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_KEY_INVALID',
    message: `${path} is not a key that katavm can use: ${reason}`,
    hint: 'name an ed25519, RSA or ECDSA key in OpenSSH format without a passphrase, or make one: katavm keys create --force',
    details: { path },
    cause,
  });
}

export function keyMismatch(path: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_KEY_MISMATCH',
    message: `the private key ${path} and the public key ${path}.pub do not belong together`,
    hint: `if the private key is the right one: ssh-keygen -y -f ${path} > ${path}.pub`,
    details: { path },
  });
}

/** A folder or file that cannot be written while a pair is made. */
export function keyNotWritten(path: string, cause: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_KEY_NOT_WRITTEN',
    message: `could not write the key pair ${path}: ${messageOf(cause)}; a private key that was there is as it was`,
    hint: 'check that the folder can be written and that its disk is not full',
    details: { path },
    cause,
  });
}
