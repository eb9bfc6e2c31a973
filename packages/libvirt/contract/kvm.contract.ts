import { access, constants, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isKvmOpen, probeKvm } from '../src/index.js';
import { bootKernel } from '../src/kvm/boot-kernel.js';
import { bootArguments } from '../src/kvm/probe-kvm.js';

/**
 * 512 bytes that stand in for a kernel: a boot sector that writes these words to the first serial port, and halts or resets.
 * Firmware boots it as it would a real disk, so that the whole way from QEMU's start to the console is tried.
 */
function bootSector(words: string, { resets = false } = {}): Buffer {
  const code = Buffer.from([
    ...[0x31, 0xc0, 0x8e, 0xd8], //       xor ax, ax; mov ds, ax
    ...[0xbe, 0x12, 0x7c], //             mov si, 0x7c12: the words
    ...[0xba, 0xf8, 0x03], //             mov dx, 0x3f8: the serial port
    ...[0xac, 0x84, 0xc0, 0x74, 0x03], // next: lodsb; test al, al; jz stop
    ...[0xee, 0xeb, 0xf8], //             out dx, al; jmp next
    ...(resets ? [0xb0, 0xfe, 0xe6, 0x64] : []), // stop: mov al, 0xfe; out 0x64, al (at 0x7c12)
    0xf4, //                              hlt
  ]);
  const words0 = Buffer.from(`${words}\0`);
  code.writeUInt16LE(0x7c00 + code.length, 5);
  const sector = Buffer.alloc(512);
  Buffer.concat([code, words0]).copy(sector);
  sector.writeUInt16LE(0xaa55, 510);
  return sector;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'katavm-contract,'));
});
afterAll(() => rm(folder, { recursive: true }));

async function disk(name: string, sector: Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, sector);
  await truncate(path, 1024 ** 2);
  return path;
}

/** The QEMUs that use a file of this folder. */
async function leftovers(): Promise<string> {
  return (await exec('pgrep', ['-f', `qemu-system.*${folder.replaceAll(',', ',,')}`], { acceptExitCodes: [0, 1] })).stdout;
}

const tcg = { accelerator: 'tcg' } as const;

describe('booting a kernel', () => {
  const bootDisk = async (name: string, sector: Buffer, timeoutMilliseconds = 60_000) => {
    const path = await disk(name, sector);
    const outcome = await bootKernel({ ...tcg, boot: bootArguments({ disk: { path, format: 'raw' } }), timeoutMilliseconds });
    expect(await leftovers()).toBe('');
    return outcome;
  };

  it.each([
    ['to its first process', 'Freeing unused kernel image (initmem) memory: 0K'],
    [
      'to where it would need a root file system',
      'Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)',
    ],
  ])('is believed when a kernel has come %s, and no QEMU stays', async (_, lastLine) => {
    const outcome = await bootDisk('boots.raw', bootSector(`Linux version 0.0\n${lastLine}\n`));
    expect(outcome).toEqual({ reached: 'first process', lastLine, ended: false, said: '' });
  });

  it('is not believed when a kernel has spoken and got no further, and tells its last line', async () => {
    const outcome = await bootDisk('resets.raw', bootSector('Linux version 0.0\nclocksource: jiffies\n', { resets: true }));
    expect(outcome).toEqual({ reached: 'first line', lastLine: 'clocksource: jiffies', ended: true, said: '' });
  });

  it('is not believed when nothing came in time, and no QEMU stays', async () => {
    const outcome = await bootDisk('silent.raw', bootSector('another system'), 1000);
    expect(outcome).toMatchObject({ reached: 'nothing', ended: false });
  });

  it('tells what QEMU said when it could not start', async () => {
    const boot = bootArguments({ kernel: { path: join(folder, 'none') } });
    const outcome = await bootKernel({ ...tcg, boot, timeoutMilliseconds: 60_000 });
    expect(outcome).toMatchObject({ reached: 'nothing', ended: true, said: expect.stringContaining('none') });
  });

  it('ends at an interruption, and no QEMU stays', async () => {
    const path = await disk('interrupted.raw', bootSector(''));
    const interrupt = new AbortController();
    const work = probeOrBoot(path, interrupt.signal);
    interrupt.abort();
    await expect(work).rejects.toMatchObject({ code: 'KATAVM_INTERRUPTED' });
    expect(await leftovers()).toBe('');
  });
});

function probeOrBoot(path: string, signal: AbortSignal) {
  return bootKernel({
    ...tcg,
    boot: bootArguments({ disk: { path, format: 'raw' } }),
    timeoutMilliseconds: 60_000,
    signal,
  });
}

describe('the proof of KVM', () => {
  it('is refused to a disk that boots no kernel, with the reason; an open /dev/kvm alone proves nothing', async () => {
    const path = await disk('empty.raw', Buffer.alloc(512));
    const probe = await probeKvm({ disk: { path, format: 'raw' }, timeoutMilliseconds: 1000 });
    expect(probe.usable).toBe(false);
    expect(probe.reason).toMatch(/^\/dev\/kvm (cannot be opened: .+|opens, but .+)/);
    expect(await leftovers()).toBe('');
    expect(await readdir(folder)).toContain('empty.raw');
  });

  it('is no proof where /dev/kvm cannot be opened, or QEMU did not start', async () => {
    const kernel = { path: join(folder, 'none') };
    expect(await probeKvm({ kernel, timeoutMilliseconds: 10_000 })).toMatchObject({ usable: false, proven: false });
  });

  it('asks of an open /dev/kvm what opening it says', async () => {
    const opens = await access('/dev/kvm', constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    );
    // A device that may be opened can still be one without a driver: never the other way round.
    expect((await isKvmOpen()) && !opens).toBe(false);
  });
});
