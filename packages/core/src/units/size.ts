import { ExitCode } from '../errors/exit-codes.js';
import { KatavmError } from '../errors/katavm-error.js';

declare const mebibytes: unique symbol;
/** A whole number of MiB (2^20 bytes). */
export type MiB = number & { readonly [mebibytes]: true };

const mebibytesPerUnit: Readonly<Record<string, number>> = {
  m: 1,
  mb: 1,
  mib: 1,
  g: 1024,
  gb: 1024,
  gib: 1024,
  t: 1024 ** 2,
  tb: 1024 ** 2,
  tib: 1024 ** 2,
};

/**
 * Parses `512MiB`, `2GiB`, `1.5 GiB`, `10G`. As in libvirt and qemu-img, `G` and `GB` are read as GiB.
 *
 * @throws KATAVM_SIZE_INVALID for a missing unit, a size that is not a whole number of MiB, or one below 1 MiB.
 */
export function parseSize(text: string): MiB {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text);
  const factor = match?.[2] === undefined ? undefined : mebibytesPerUnit[match[2].toLowerCase()];
  const size = match && factor !== undefined ? Number(match[1]) * factor : Number.NaN;
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new KatavmError({
      code: 'KATAVM_SIZE_INVALID',
      message: `"${text}" is not a size`,
      hint: 'write a number and a unit, for example 512MiB or 2GiB',
      exitCode: ExitCode.usage,
    });
  }
  return size as MiB;
}

export function mebibytesToBytes(size: MiB): number {
  return size * 1024 ** 2;
}

/** `2GiB` where it is a whole number of GiB, else `1536MiB`: what `parseSize` reads back. */
export function formatSize(size: MiB): string {
  return size % 1024 === 0 ? `${size / 1024}GiB` : `${size}MiB`;
}
