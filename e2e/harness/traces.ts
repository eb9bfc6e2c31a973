import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { testHome } from './katavm.js';

/** The libvirt of whoever runs the tests. */
export const uri = process.env['LIBVIRT_DEFAULT_URI'] ?? (process.getuid?.() === 0 ? 'qemu:///system' : 'qemu:///session');

/** Every trace that a clone of this home could leave: folders, job locks, libvirt domains, QEMU processes. */
export async function traces(config: string): Promise<string[]> {
  const home = testHome();
  const folders = (await readdir(join(home, 'clones'))).map((name) => `folder ${name}`);
  const locks = (await readdir(join(home, 'locks'))).filter((name) => name.startsWith('job-')).map((name) => `lock ${name}`);
  return [...folders, ...locks, ...(await domains(config)), ...(await processes(`${home}/clones/`))];
}

/** Of this home alone: others may have guests of such a config on the same libvirt. */
async function domains(config: string): Promise<string[]> {
  const { stdout } = await exec('virsh', ['-c', uri, 'list', '--all', '--name']);
  const names = stdout.split('\n').filter((name) => name.startsWith(`${config}-`));
  const files = await Promise.all(names.map((name) => exec('virsh', ['-c', uri, 'dumpxml', name], { acceptExitCodes: [0, 1] })));
  return names.filter((_, index) => files[index]?.stdout.includes(`'${testHome()}/`)).map((name) => `domain ${name}`);
}

async function processes(path: string): Promise<string[]> {
  const { stdout } = await exec('ps', ['-eo', 'pid,args']);
  return stdout
    .split('\n')
    .filter((line) => line.includes('qemu-system') && line.includes(path))
    .map((line) => `process ${line.trim().slice(0, 80)}`);
}

/** The QEMU processes of this home, builds included. */
export function runningGuests(): Promise<string[]> {
  return processes(`${testHome()}/`);
}
