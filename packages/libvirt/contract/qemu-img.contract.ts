import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec, ignoreEvents, type KatavmEvent, type MiB, start } from '@katavm/core';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createOverlay, flatten, imageInfo } from '../src/index.js';

// Names that qemu-img would take for options, protocols or globs if they were not made absolute.
const folderName = "-f json:{} 'a,b' é";
let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'katavm-contract-')), folderName);
  await exec('mkdir', ['--', folder]);
  onTestFinished(() => rm(join(folder, '..'), { recursive: true }));
});

const io = (path: string, command: string) => exec('qemu-io', ['-f', 'qcow2', '-c', command, path]);

async function master(): Promise<{ path: string; format: 'qcow2' }> {
  const path = join(folder, 'master.qcow2');
  await exec('qemu-img', ['create', '-q', '-f', 'qcow2', path, '64M']);
  await io(path, 'write -P 0xab 1M 2M');
  await chmod(path, 0o444);
  return { path, format: 'qcow2' };
}

/** What QEMU knows of an image, but its name and what it takes on this host. */
async function describeWithoutName(path: string): Promise<object> {
  const { stdout } = await exec('qemu-img', ['info', '--output=json', path]);
  const { filename: _, 'actual-size': __, children: ___, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
  return rest;
}

describe('an overlay', () => {
  it('shows what its master holds, belongs to its owner alone, and takes next to no space', async () => {
    const backing = await master();
    const path = join(folder, 'clone.qcow2');
    await createOverlay({ path, backing });
    expect(await imageInfo(path)).toEqual({
      format: 'qcow2',
      virtualSizeBytes: 64 * 1024 ** 2,
      actualSizeBytes: expect.any(Number),
      backing: backing.path,
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(path)).blocks * 512).toBeLessThan(300 * 1024);
    expect((await io(path, 'read -P 0xab 1M 2M')).stdout).not.toContain('Pattern verification failed');
  });

  it.each([
    [1, 64],
    [128, 128],
  ])('asked to be of %i MiB on a master of 64 MiB is of %i MiB', async (asked, given) => {
    const path = join(folder, 'clone.qcow2');
    await createOverlay({ path, backing: await master(), size: asked as MiB });
    expect((await imageInfo(path)).virtualSizeBytes).toBe(given * 1024 ** 2);
  });

  it.each([64, 300, 10 * 1024, 3 * 1024 ** 2])(
    'of %i MiB is to QEMU what qemu-img itself makes, and sound',
    async (mebibytes) => {
      const backing = await master();
      const [ours, theirs] = [join(folder, 'ours.qcow2'), join(folder, 'theirs.qcow2')];
      await createOverlay({ path: ours, backing, size: mebibytes as MiB });
      const options = ['-o', 'extended_l2=on', '-b', backing.path, '-F', backing.format, theirs, `${mebibytes}M`];
      await exec('qemu-img', ['create', '-q', '-f', 'qcow2', ...options]);
      const [a, b] = await Promise.all([ours, theirs].map(describeWithoutName));
      expect(a).toEqual(b);
      await io(ours, `write -P 0xcd ${mebibytes - 1}M 1M`);
      expect((await exec('qemu-img', ['check', '-q', ours])).exitCode).toBe(0);
      expect((await io(ours, 'read -P 0xab 1M 2M')).stdout).not.toContain('Pattern verification failed');
      expect((await io(ours, `read -P 0xcd ${mebibytes - 1}M 1M`)).stdout).not.toContain('Pattern verification failed');
    },
  );

  it('is never made over a file that is there', async () => {
    const path = join(folder, 'clone.qcow2');
    await writeFile(path, "another VM's disk");
    await expect(createOverlay({ path, backing: await master() })).rejects.toMatchObject({ code: 'KATAVM_DISK_EXISTS' });
    expect((await stat(path)).size).toBe("another VM's disk".length);
  });

  it('on a master that is not there fails, and leaves nothing', async () => {
    const backing = { path: join(folder, 'gone.qcow2'), format: 'qcow2' } as const;
    const path = join(folder, 'clone.qcow2');
    await expect(createOverlay({ path, backing })).rejects.toMatchObject({ code: 'KATAVM_DISK_BACKING_MISSING' });
    await expect(createOverlay({ path, backing, size: 1 as MiB })).rejects.toMatchObject({ code: 'KATAVM_DISK_BACKING_MISSING' });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('flattening', () => {
  it('gives one sparse file that holds all, and tells how far it is', async () => {
    const backing = await master();
    const [from, to] = [join(folder, 'clone.qcow2'), join(folder, 'flat.qcow2')];
    await createOverlay({ path: from, backing });
    await io(from, 'write -P 0xcd 8M 1M');
    const events: KatavmEvent[] = [];
    await flatten({ from, to, emit: (event) => events.push(event) });
    await rename(backing.path, `${backing.path}.away`);
    expect(await imageInfo(to)).toMatchObject({ backing: undefined, virtualSizeBytes: 64 * 1024 ** 2 });
    expect((await imageInfo(to)).actualSizeBytes).toBeLessThan(4 * 1024 ** 2);
    for (const command of ['read -P 0xab 1M 2M', 'read -P 0xcd 8M 1M', 'read -P 0 32M 1M']) {
      expect((await io(to, command)).stdout).not.toContain('Pattern verification failed');
    }
    expect(events.at(-1)).toEqual({ type: 'progress', what: to, done: 64 * 1024 ** 2, total: 64 * 1024 ** 2, unit: 'bytes' });
    expect((await readdir(folder)).sort()).toEqual(['clone.qcow2', 'flat.qcow2', 'master.qcow2.away']);
  });

  it('refuses an image that a VM has open, and leaves nothing', async () => {
    const { path } = await master();
    const user = start('qemu-io', ['-f', 'qcow2', path]);
    onTestFinished(() => user.kill('SIGKILL'));
    await once(user.stdout, 'data'); // its prompt: the image is open
    await expect(flatten({ from: path, to: join(folder, 'flat'), emit: ignoreEvents })).rejects.toMatchObject({
      code: 'KATAVM_DISK_IN_USE',
    });
    expect(await readdir(folder)).toEqual(['master.qcow2']);
  });

  it('that is interrupted leaves nothing', async () => {
    const from = join(folder, 'big.raw');
    await writeFile(from, '');
    await truncate(from, 1024 ** 3);
    const interrupt = new AbortController();
    const work = flatten({ from, to: join(folder, 'flat'), signal: interrupt.signal, emit: () => interrupt.abort() });
    await expect(work).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED' });
    expect(await readdir(folder)).toEqual(['big.raw']);
  });

  it('an overlay whose master has gone says so', async () => {
    const backing = await master();
    const from = join(folder, 'clone.qcow2');
    await createOverlay({ path: from, backing });
    await rm(backing.path);
    await expect(flatten({ from, to: join(folder, 'flat'), emit: ignoreEvents })).rejects.toMatchObject({
      code: 'KATAVM_DISK_BACKING_MISSING',
    });
  });
});

describe('an image', () => {
  it('that is not there, or of another format, is told by its path', async () => {
    const path = join(folder, 'image');
    await expect(imageInfo(path)).rejects.toMatchObject({ code: 'KATAVM_DISK_NOT_FOUND', exitCode: 4 });
    await exec('qemu-img', ['create', '-q', '-f', 'vmdk', path, '1M']);
    await expect(imageInfo(path)).rejects.toThrow(`${path}: it is vmdk`);
  });
});
