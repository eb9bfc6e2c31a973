import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { closeHome, sharedMasters } from './home.js';
import { layMinimalMaster } from './minimal-master.js';

/**
 * A folder for the homes of the test files, with the masters of the minimal guest. KATAVM_E2E_HOME names one that is kept between runs,
 * with the Debian base and master in it: for work on the tests.
 */
export async function setup(): Promise<() => Promise<void>> {
  const kept = process.env['KATAVM_E2E_HOME'];
  // Not under /tmp: QEMU runs as a user of its own, and systemd gives services private ones.
  const root = kept ?? (await mkdtemp('/var/tmp/katavm-e2e-'));
  await mkdir(root, { recursive: true });
  await chmod(root, 0o711);
  process.env['KATAVM_E2E_ROOT'] = root;
  process.env['KATAVM_E2E_KEPT'] = kept === undefined ? '' : 'yes';
  await layMinimalMaster(join(root, sharedMasters));
  return async () => {
    // Those of files whose process died.
    const homes = (await readdir(root)).filter((name) => name !== sharedMasters).map((name) => join(root, name));
    if (kept === undefined) await Promise.all(homes.map(closeHome));
    if (kept === undefined) await rm(root, { recursive: true, force: true });
  };
}
