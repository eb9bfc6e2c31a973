import { ExitCode } from '../errors/exit-codes.js';
import { KatavmError } from '../errors/katavm-error.js';

declare const vmName: unique symbol;
/** A name that is a valid libvirt domain, DNS label, file name and virsh argument at once. */
export type VmName = string & { readonly [vmName]: true };

/** RFC 1123, 2.1: a host name's label is 1 to 63 letters, digits and hyphens, no hyphen at either end. */
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** @throws KATAVM_NAME_INVALID for what is not a lower-case DNS label of at most 63 characters. */
export function parseVmName(text: string, what = 'VM name'): VmName {
  // virsh would take digits alone for a domain's numeric id; a name without a letter reads like one.
  if (label.test(text) && /[a-z]/.test(text)) return text as VmName;
  throw new KatavmError({
    code: 'KATAVM_NAME_INVALID',
    message: `${JSON.stringify(text)} cannot be a ${what}`,
    hint: 'use 1 to 63 lower-case letters, digits and hyphens, at least one letter, no hyphen at either end',
    exitCode: ExitCode.usage,
  });
}

/**
 * The nearest valid name: `Ubuntu 24.04` becomes `ubuntu-24-04`, `2204` becomes `vm-2204`. For names made of a config's name.
 *
 * @param suffix what the name must end with, for example `-3f9a`; cut from the name's 63 characters, not from the suffix.
 */
export function toVmName(text: string, suffix = ''): VmName {
  const words = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '');
  const room = 63 - suffix.length;
  const named = /[a-z]/.test(words.slice(0, room)) ? words : `vm-${words}`;
  return parseVmName(`${named.slice(0, room).replace(/-+$/, '')}${suffix}`);
}
