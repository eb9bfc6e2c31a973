import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { exec } from '@katavm/core';

export interface Master {
  readonly gibibytes: number;
  readonly path: string;
  /** The name of a domain that is shut off and has this disk. */
  readonly domain: string;
}

const patternMebibytes = 64;

/** The same for the same folder and size: what was begun can be removed, also when it did not get as far as a result. */
export function domainName(folder: string, gibibytes: number): string {
  return `${basename(folder)}-${gibibytes}`;
}

/** A qcow2 disk that is full of data without zeroes. */
export async function makeDisk(path: string, gibibytes: number, signal: AbortSignal): Promise<void> {
  await exec('qemu-img', ['create', '-q', '-f', 'qcow2', path, `${gibibytes}G`], { signal });
  await fillDisk(path, { offsetMebibytes: 0, mebibytes: gibibytes * 1024 }, signal);
}

/** Writes data without zeroes to a part of a qcow2 disk, in pieces of 64 MiB: of the last one no less. */
export async function fillDisk(
  path: string,
  { offsetMebibytes, mebibytes }: { readonly offsetMebibytes: number; readonly mebibytes: number },
  signal: AbortSignal,
): Promise<void> {
  const pattern = `${path}.pattern`;
  // qemu-io repeats the pattern: qcow2 does not look for equal blocks, and random bytes are slow to make.
  await writeFile(pattern, randomBytes(patternMebibytes * 1024 ** 2));
  const writes = Array.from({ length: Math.ceil(mebibytes / patternMebibytes) }, (_, i) => [
    '-c',
    `write -q -s ${pattern} ${offsetMebibytes + i * patternMebibytes}M ${patternMebibytes}M`,
  ]);
  await exec('qemu-io', ['-f', 'qcow2', ...writes.flat(), path], { signal });
  await rm(pattern);
}

/** Such a disk and, for virt-clone, a domain that has it. */
export async function makeMaster(folder: string, gibibytes: number, uri: string, signal: AbortSignal): Promise<Master> {
  const path = join(folder, `master-${gibibytes}.qcow2`);
  await makeDisk(path, gibibytes, signal);
  const domain = domainName(folder, gibibytes);
  const xml = join(folder, `master-${gibibytes}.xml`);
  await writeFile(xml, domainXml(domain, path));
  await exec('virsh', ['-q', '-c', uri, 'define', xml], { signal });
  return { gibibytes, path, domain };
}

export async function removeDomain(uri: string, domain: string): Promise<void> {
  await exec('virsh', ['-q', '-c', uri, 'undefine', domain], { acceptExitCodes: [0, 1] });
}

/** virt-clone makes a storage pool of the folder it works in, and leaves it. */
export async function removePoolsIn(uri: string, folder: string): Promise<void> {
  const { stdout } = await exec('virsh', ['-q', '-c', uri, 'pool-list', '--all', '--name']);
  // virsh pads the names.
  for (const pool of stdout.split('\n').map((name) => name.trim())) {
    if (pool === '') continue;
    const { stdout: xml } = await exec('virsh', ['-q', '-c', uri, 'pool-dumpxml', pool]);
    if (!xml.includes(`<path>${folder}</path>`)) continue;
    await exec('virsh', ['-q', '-c', uri, 'pool-destroy', pool], { acceptExitCodes: [0, 1] });
    await exec('virsh', ['-q', '-c', uri, 'pool-undefine', pool], { acceptExitCodes: [0, 1] });
  }
}

function domainXml(name: string, disk: string): string {
  return `<domain type='qemu'>
  <name>${name}</name>
  <memory unit='MiB'>64</memory>
  <os><type arch='x86_64'>hvm</type></os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='${disk}'/>
      <target dev='vda' bus='virtio'/>
    </disk>
  </devices>
</domain>`;
}
