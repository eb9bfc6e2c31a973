import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';

/** Where each text occurs in a whole-disk ext4 image, in use or not, and whether its file system is clean. */
export async function searchDisk(disk: string, texts: readonly string[]) {
  const folder = await mkdtemp('/var/tmp/katavm-search-');
  const raw = join(folder, 'disk.raw');
  try {
    await exec('qemu-img', ['convert', '-O', 'raw', disk, raw]);
    const check = await exec('e2fsck', ['-f', '-n', raw], {
      acceptExitCodes: [0, 4, 8],
      env: { PATH: `${process.env['PATH']}:/sbin` },
    });
    const occurrences = await searchFile(raw, texts);
    return { occurrences, fileSystem: check.exitCode === 0 ? 'clean' : check.stdout };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** How often each text occurs in a file. */
export async function searchFile(path: string, texts: readonly string[]): Promise<number[]> {
  if (texts.some((text) => text.length < 20)) throw new Error('a text that short would be found by chance');
  const overlap = Math.max(...texts.map((text) => text.length)) - 1;
  const counts = texts.map(() => 0);
  let tail = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 4 * 1024 ** 2 })) {
    const window = Buffer.concat([tail, chunk as Buffer]);
    texts.forEach((text, index) => {
      for (let at = window.indexOf(text); at >= 0; at = window.indexOf(text, at + 1)) counts[index] = (counts[index] ?? 0) + 1;
    });
    tail = window.subarray(window.length - overlap);
  }
  return counts;
}
