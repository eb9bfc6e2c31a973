import { ExitCode, KatavmError, messageOf } from '@katavm/core';
import type { GuestAddress } from '../adapter.js';

const shown = (address: GuestAddress) => `${address.host}:${address.port}`;

export function privateKeyUnusable(path: string, reason: string, cause?: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_SSH_KEY_UNUSABLE',
    message: `cannot use the private key ${path}: ${reason}`,
    hint: '"katavm keys create" makes a pair; a key of your own must be in OpenSSH format, without a passphrase',
    cause,
  });
}

export function hostKeyMismatch(address: GuestAddress, expected: string, found: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_HOST_KEY_MISMATCH',
    message: `what answers on ${shown(address)} is not the guest: its host key is ${found}, the guest's is ${expected}`,
    hint: 'nothing was sent to it; look at which process holds that port or address, and start a new clone',
    details: { expected, found },
  });
}

export function authenticationRefused(user: string, address: GuestAddress, keyPath: string, cause: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_SSH_REFUSED',
    message: `the guest on ${shown(address)} refused user ${user} with the key ${keyPath}: ${messageOf(cause)}`,
    hint: "check that the user exists in the guest and that the key is in its authorized_keys; the guest's console shows sshd's reason",
    cause,
  });
}

export function guestUnreachable(address: GuestAddress, cause: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_GUEST_UNREACHABLE',
    message: `could not open an SSH connection to ${shown(address)}: ${messageOf(cause)}`,
    hint: "look at the guest's console: is it up, is its network up, does sshd run?",
    exitCode: /timed out/i.test(messageOf(cause)) ? ExitCode.timedOut : ExitCode.failed,
    cause,
  });
}

export function guestLost(address: GuestAddress, doing: string, cause: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_GUEST_LOST',
    message: `the connection to the guest on ${shown(address)} ended while ${doing}${cause === undefined ? '' : `: ${messageOf(cause)}`}`,
    hint: "look at the end of the guest's console: it may have panicked, run out of memory, or been shut down",
    cause,
  });
}

export function channelRefused(address: GuestAddress, doing: string, cause: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_SSH_CHANNEL_REFUSED',
    message: `the guest on ${shown(address)} refused ${doing}: ${messageOf(cause)}`,
    hint: "sshd allows ten sessions on a connection (MaxSessions); the guest's journal has its reason: journalctl -u ssh",
    cause,
  });
}

export function clientFailed(address: GuestAddress, cause: unknown): KatavmError {
  return new KatavmError({
    code: 'KATAVM_SSH_CLIENT_FAILED',
    message: `this host's OpenSSH client could not start a command in the guest on ${shown(address)}, which answers: ${messageOf(cause)}`,
    hint: 'it must be OpenSSH 8.5 or later (ssh -V); where it is, the guest lets too few in at once: MaxStartups in its sshd_config',
    exitCode: ExitCode.hostNotReady,
    cause,
  });
}
