import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UndoStack } from '@katavm/core';
import { type Environment, type Launched, launch, type Start } from './katavm.js';

/** What one idle clone takes, on average over those that ran at once. */
export interface Footprint {
  /** From its launch to the agent's first byte, beside those that were there: seconds. */
  readonly launchSeconds: number;
  /** The QEMU process's own memory and its part of what it shares (Pss): MiB. */
  readonly memoryMebibytes: number;
  /** What its folder takes on the disk: KiB. */
  readonly diskKibibytes: number;
}

/** Runs so many clones at once, looks at them when all are idle, and deletes them. */
export async function footprint(
  config: string,
  count: number,
  start: Start,
  env: Environment,
  signal: AbortSignal,
): Promise<Footprint> {
  const undo = new UndoStack(() => {});
  try {
    const launched: Launched[] = [];
    // One after the other: what is measured here is what they take, not how fast they come at once.
    while (launched.length < count) {
      const each = await launch(config, start, env, signal);
      undo.push(each.clone, async () => void (await each.end()));
      launched.push(each);
    }
    const all = await Promise.all(launched.map(lookAt));
    const mean = (of: keyof Footprint) => all.reduce((sum, each) => sum + each[of], 0) / count;
    return {
      launchSeconds: mean('launchSeconds'),
      memoryMebibytes: mean('memoryMebibytes'),
      diskKibibytes: mean('diskKibibytes'),
    };
  } finally {
    await undo.unwind();
  }
}

async function lookAt({ clone, firstByteMilliseconds }: Launched): Promise<Footprint> {
  const { pid, folder } = await guestOf(clone);
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const files = await Promise.all((await readdir(folder)).map((file) => stat(join(folder, file))));
  return {
    launchSeconds: firstByteMilliseconds / 1000,
    memoryMebibytes: Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) / 1024,
    diskKibibytes: files.reduce((sum, { blocks }) => sum + blocks / 2, 0),
  };
}

/** Its QEMU, and the clone's folder: libvirt names the guest and its disks on the command line, whichever the home is. */
async function guestOf(name: string): Promise<{ readonly pid: string; readonly folder: string }> {
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (!words.some((word) => word.startsWith(`guest=${name},`))) continue;
    const folder = /"filename":"([^"]+)\/disk\.qcow2"/.exec(
      words.find((word) => word.includes(`/${name}/disk.qcow2"`)) ?? '',
    )?.[1];
    if (folder !== undefined) return { pid, folder };
  }
  throw new Error(`no QEMU process runs the guest ${name}`);
}
