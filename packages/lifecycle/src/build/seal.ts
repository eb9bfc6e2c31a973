import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KatavmError, trackStep } from '@katavm/core';
import type { Context } from '../context/context.js';
import { guestFolder } from '../package.js';
import type { BuildVm } from './build-vm.js';

/** The guest's fstrim and apt can be slow; an emulated guest needs about 20 s. */
const timeoutMilliseconds = 600_000;

/**
 * Makes the build's disk neutral and quiet: guest/seal.sh, run as root. It is sent on stdin, so that no copy is left.
 *
 * @throws KATAVM_SEAL_FAILED with the script's own words.
 */
export async function seal(context: Context, vm: BuildVm, signal: AbortSignal): Promise<void> {
  const { cloudinit, ssh } = context.adapters;
  // A site's own cloud-init package may put proxies elsewhere: it says where, and sealing takes the passwords out.
  const proxyFiles = `KATAVM_PROXY_FILES=${ssh.quoteCommand([cloudinit.proxyFiles.join(' ')])}\n`;
  const script = proxyFiles + (await readFile(join(guestFolder, 'seal.sh'), 'utf8'));
  await trackStep(context.emit, 'seal', vm.build.config, async () => {
    const onLine = (_: string, line: string) => context.emit({ type: 'output', source: 'guest', line });
    const end = await vm.session.run('sudo sh -s', { input: script, timeoutMilliseconds, signal, onLine });
    if (end.exitCode === 0) return;
    throw new KatavmError({
      code: 'KATAVM_SEAL_FAILED',
      message: `the guest could not be sealed: ${`${end.stdout}\n${end.stderr}`.trim().split('\n').slice(-5).join('; ')}`,
      hint: "a master that is not sealed would hand one job's identity to the next: it is not kept",
    });
  });
}
