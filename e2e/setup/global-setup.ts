import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { katavm, withHome } from '../harness/katavm.js';
import { layMinimalMaster } from './minimal-master.js';

/**
 * A katavm home of the tests' own, with a key and the minimal guest's master. KATAVM_E2E_HOME names one that is kept
 * between runs, with the Debian base and master in it: for work on the tests.
 */
export async function setup(): Promise<() => Promise<void>> {
  const kept = process.env['KATAVM_E2E_HOME'];
  // Not under /tmp: QEMU runs as a user of its own, and systemd gives services private ones.
  const home = kept ?? (await mkdtemp('/var/tmp/katavm-e2e-'));
  await mkdir(home, { recursive: true });
  await chmod(home, 0o711);
  process.env['KATAVM_E2E_HOME'] = home;
  process.env['KATAVM_E2E_KEPT'] = kept === undefined ? '' : 'yes';
  const created = await katavm(['create-keys']);
  if (created.exitCode !== 0) throw new Error(`create-keys: ${created.stderr}`);
  await layMinimalMaster(home);
  return async () => {
    await withHome(home, ['gc', '--keep-generations', '1']);
    await removeDomains(home);
    if (kept === undefined) await rm(home, { recursive: true, force: true });
  };
}

/** Whatever a failed test left running. */
async function removeDomains(home: string): Promise<void> {
  const { stdout } = await withHome(home, ['clone', 'list', '--json']);
  const { clones } = JSON.parse(stdout) as { clones: { name: string }[] };
  if (clones.length > 0) await withHome(home, ['clone', 'delete', ...clones.map(({ name }) => name)]);
}
