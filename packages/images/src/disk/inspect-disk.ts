import { exec, isKatavmError, KatavmError } from '@katavm/core';
import { readQcow2References } from './qcow2-header.js';
import { readHead } from './read-head.js';
import { recognise } from './recognise.js';

export interface DiskFacts {
  readonly format: 'qcow2' | 'raw';
  readonly virtualSizeBytes: number;
}

/**
 * Says what a disk is, and refuses what is none.
 *
 * @param shown how messages name it: a URL or a path, without credentials.
 * @throws KATAVM_BASE_NOT_A_DISK, KATAVM_BASE_HAS_BACKING_FILE
 */
export async function inspectDisk(path: string, shown: string, signal?: AbortSignal): Promise<DiskFacts> {
  const head = await readHead(path);
  const found = recognise(head);
  if (found.kind !== 'disk') throw notADisk(shown, describe(found));
  // Before qemu-img sees it: qemu-img opens an external data file, and QEMU would later read the backing file, whatever
  // file of this host the image names.
  if (found.format === 'qcow2') refuseReferences(head, shown);
  return { format: found.format, virtualSizeBytes: await readVirtualSize(path, found.format, shown, signal) };
}

function refuseReferences(head: Buffer, shown: string): void {
  const references = readQcow2References(head);
  if (!references) throw notADisk(shown, 'a qcow2 image whose header is cut off');
  if (!references.backingFile && !references.externalDataFile) return;
  const what = references.backingFile ? 'a backing file' : 'an external data file';
  throw new KatavmError({
    code: 'KATAVM_BASE_HAS_BACKING_FILE',
    message: `${shown} is a qcow2 image that names ${what}: it is not whole without it, and could show any file of this host to the guest`,
    hint: 'for an image that you trust, make it whole: qemu-img convert -O qcow2 IMAGE WHOLE.qcow2, and use that',
  });
}

async function readVirtualSize(path: string, format: string, shown: string, signal?: AbortSignal): Promise<number> {
  try {
    // With the format named, qemu-img does not probe for another one. An absolute path cannot be taken for a protocol.
    const { stdout } = await exec('qemu-img', ['info', '-f', format, '--output=json', path], { signal });
    return (JSON.parse(stdout) as { 'virtual-size': number })['virtual-size'];
  } catch (error) {
    if (!isKatavmError(error) || error.code !== 'KATAVM_COMMAND_FAILED') throw error;
    throw notADisk(shown, `a damaged ${format} image (qemu-img says: ${error.details['stderr']})`);
  }
}

function notADisk(shown: string, what: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_BASE_NOT_A_DISK',
    message: `${shown} is not a qcow2 or raw disk: it is ${what}`,
    hint: 'name a cloud image in qcow2 or raw format (.xz and .gz of them by URL); qemu-img convert -O qcow2 makes one of other formats',
  });
}

function describe(found: ReturnType<typeof recognise>): string {
  if (found.kind === 'compressed') return `compressed (${found.by})`;
  if (found.kind === 'html') return 'an HTML page';
  return found.kind === 'other' ? found.name : found.kind;
}
