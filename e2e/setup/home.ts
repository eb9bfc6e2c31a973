import { chmod, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exec } from '@katavm/core';
import { withHome } from '../harness/katavm.js';

/** The folder beside the homes from which each gets the masters of the minimal guest. */
export const sharedMasters = 'minimal-masters';

/** A katavm home with a key and the minimal guest's masters, unless it is there. Nothing writes a master's files: links are enough. */
export async function openHome(root: string, name: string): Promise<string> {
  const home = join(root, name);
  await mkdir(home, { recursive: true });
  await chmod(home, 0o711);
  await exec('cp', ['--archive', '--link', '--no-clobber', `${join(root, sharedMasters)}/.`, home]);
  const created = await withHome(home, ['create-keys']);
  if (created.exitCode !== 0) throw new Error(`create-keys: ${created.stderr}`);
  return home;
}

/** Removes whatever a failed test left running, and the home unless homes are kept. */
export async function closeHome(home: string): Promise<void> {
  await withHome(home, ['gc', '--keep-generations', '1']);
  const { stdout } = await withHome(home, ['clone', 'list', '--json']);
  const { clones } = JSON.parse(stdout) as { clones: { name: string }[] };
  if (clones.length > 0) await withHome(home, ['clone', 'delete', ...clones.map(({ name }) => name)]);
  if (process.env['KATAVM_E2E_KEPT'] !== 'yes') await rm(home, { recursive: true, force: true });
}
