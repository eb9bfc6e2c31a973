import { resolve } from 'node:path';
import { exec } from '@katavm/core';
import { z } from '@katavm/core/schema';
import type { ImageInfo } from '../adapter.js';
import { diskFailed, explaining } from './failures.js';

const report = z.object({
  format: z.string(),
  'virtual-size': z.number(),
  'actual-size': z.number(),
  'backing-filename': z.string().optional(),
  'full-backing-filename': z.string().optional(),
});

/**
 * What an image is, also while a VM uses it. The format is told by the content: do not ask about a raw image that a guest
 * has written.
 *
 * @throws KATAVM_DISK_NOT_FOUND, KATAVM_DISK_FAILED (also for a format other than qcow2 and raw).
 */
export async function imageInfo(path: string, signal?: AbortSignal): Promise<ImageInfo> {
  const doing = `read the image ${path}`;
  const args = ['info', '--output=json', '--force-share', resolve(path)];
  const { stdout } = await explaining(doing, exec('qemu-img', args, { signal }));
  const info = report.parse(JSON.parse(stdout));
  if (info.format !== 'qcow2' && info.format !== 'raw') throw diskFailed(doing, `it is ${info.format}, not qcow2 or raw`);
  return {
    format: info.format,
    virtualSizeBytes: info['virtual-size'],
    actualSizeBytes: info['actual-size'],
    backing: info['full-backing-filename'] ?? info['backing-filename'],
  };
}
