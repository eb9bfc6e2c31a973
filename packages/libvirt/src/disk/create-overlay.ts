import { access, constants, open, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { exec, KatavmError, mebibytesToBytes, messageOf, systemErrorCode } from '@katavm/core';
import type { OverlayInput } from '../adapter.js';
import { diskFailed, explaining } from './failures.js';
import { imageInfo } from './image-info.js';

/**
 * Subclusters: what a guest writes is copied up in pieces of 2 KiB in place of 64. Measured with QEMU 7.2 on 4000 scattered
 * writes of 4 KiB: 0.10 s in place of 0.21 s, and 16 MiB in place of 249 MiB. QEMU 5.2 (2020) or later reads it.
 */
const layout = 'extended_l2=on';

/**
 * Makes a qcow2 overlay, mode 0600. Nothing is left of it when it fails.
 *
 * @throws KATAVM_DISK_EXISTS, KATAVM_DISK_FULL, KATAVM_DISK_BACKING_MISSING, KATAVM_DISK_NOT_FOUND (no such folder), KATAVM_DISK_FAILED.
 */
export async function createOverlay(input: OverlayInput): Promise<void> {
  // Absolute: qemu-img would take a colon before the first slash for a protocol, and a relative backing file's path for one
  // beside the overlay.
  const path = resolve(input.path);
  const backing = resolve(input.backing.path);
  const doing = `create the overlay ${path} on ${backing}`;
  await requireBacking(backing, doing);
  const size = await sizeArgument(input, backing);
  await reserve(path, doing);
  try {
    const args = ['create', '-q', '-f', 'qcow2', '-o', layout, '-b', backing, '-F', input.backing.format, path, ...size];
    await explaining(doing, exec('qemu-img', args, { signal: input.signal }));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function requireBacking(backing: string, doing: string): Promise<void> {
  try {
    await access(backing, constants.R_OK);
  } catch (error) {
    throw diskFailed(doing, `Could not open backing file: ${messageOf(error)}`, error);
  }
}

/** A disk that is smaller than its backing file would cut the guest's file system off. */
async function sizeArgument({ size, signal }: OverlayInput, backing: string): Promise<string[]> {
  if (size === undefined) return [];
  const { virtualSizeBytes } = await imageInfo(backing, signal);
  const wanted = mebibytesToBytes(size);
  return wanted > virtualSizeBytes ? [String(wanted)] : [];
}

/** qemu-img would write over a file that is there, which may be the disk of a running VM, and make a new one for all to read. */
async function reserve(path: string, doing: string): Promise<void> {
  try {
    await (await open(path, 'wx', 0o600)).close();
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw diskFailed(doing, messageOf(error), error);
    throw new KatavmError({
      code: 'KATAVM_DISK_EXISTS',
      message: `could not ${doing}: ${path} exists`,
      hint: 'delete the clone that it belongs to, or choose another name',
    });
  }
}
