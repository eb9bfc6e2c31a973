import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { prepareBase } from '../src/prepare-base.js';
import { namesIn, openWorkplace, qcow2Disk, rawDisk, refusal, sha, type Workplace } from './workplace.js';

let place: Workplace;
beforeEach(async () => {
  place = await openWorkplace();
});

async function put(name: string, content: Buffer): Promise<string> {
  const path = join(place.directory, name);
  await writeFile(path, content);
  return path;
}

describe('a disk of this host', () => {
  it('is used where it lies, and not written to', async () => {
    const image = await qcow2Disk();
    const path = await put('disk with spaces.img', image);
    const base = await prepareBase({ ...place, source: { path, sha256: sha('sha256', image) } });
    expect(base).toEqual({
      ...{ disk: path, format: 'qcow2', virtualSizeBytes: 3 * 1024 ** 2, sha256: sha('sha256', image) },
      ...{ boot: { kind: 'disk' }, origin: path, cached: true },
    });
    expect(image.equals(await readFile(path))).toBe(true);
    expect(await namesIn(place)).toEqual([]);
  });

  it('boots by the kernel that comes with it', async () => {
    const path = await put('disk.raw', rawDisk());
    const [kernel, initrd] = [await put('vmlinuz', Buffer.from('k')), await put('initrd', Buffer.from('i'))];
    expect(await prepareBase({ ...place, source: { path, kernel, initrd } })).toMatchObject({
      format: 'raw',
      boot: { kind: 'kernel', kernel, initrd, commandLine: 'root=/dev/vda rw console=ttyS0' },
    });
  });

  it('is refused when it is absent, a folder, another file than its digest says, or no disk', async () => {
    const text = await put('notes.txt', Buffer.from('notes'));
    const disk = await put('disk.raw', rawDisk());
    const codeOf = async (source: { path: string; sha256?: string; kernel?: string }) =>
      (await refusal(prepareBase({ ...place, source }))).code;
    expect(await codeOf({ path: join(place.directory, 'absent') })).toBe('KATAVM_BASE_FILE_UNREADABLE');
    expect(await codeOf({ path: place.directory })).toBe('KATAVM_BASE_FILE_UNREADABLE');
    expect(await codeOf({ path: disk, kernel: join(place.directory, 'absent') })).toBe('KATAVM_BASE_FILE_UNREADABLE');
    expect(await codeOf({ path: disk, sha256: '0'.repeat(64) })).toBe('KATAVM_BASE_DIGEST_MISMATCH');
    expect(await codeOf({ path: text })).toBe('KATAVM_BASE_NOT_A_DISK');
  });

  it('that shows another file of this host to the guest is refused', async () => {
    const path = join(place.directory, 'overlay.qcow2');
    await exec('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', await put('below', await qcow2Disk()), path]);
    const error = await refusal(prepareBase({ ...place, source: { path } }));
    expect(error).toMatchObject({ code: 'KATAVM_BASE_HAS_BACKING_FILE', hint: expect.stringContaining('qemu-img convert') });
  });
});
