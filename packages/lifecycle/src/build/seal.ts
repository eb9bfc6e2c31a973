import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KatavmError, trackStep } from '@katavm/core';
import type { Context } from '../context/context.js';
import { guestFolder } from '../package.js';
import type { BuildVm } from './build-vm.js';

/** The guest's fstrim and apt can be slow; an emulated guest needs about 20 s. */
const timeoutMilliseconds = 600_000;

/**
 * Makes the build's disk neutral and quiet, its boot quick: guest/quick-boot.sh and guest/seal.sh, run as root. They are sent on stdin, so that no copy is left.
 *
 * @throws KATAVM_SEAL_FAILED with the script's own words.
 */
export async function seal(context: Context, vm: BuildVm, signal: AbortSignal): Promise<void> {
  const { cloudinit, ssh } = context.adapters;
  // A site's own cloud-init package may put proxies elsewhere: it says where, and sealing takes the passwords out.
  const proxyFiles = `KATAVM_PROXY_FILES=${ssh.quoteCommand([cloudinit.proxyFiles.join(' ')])}\n`;
  const parts = await Promise.all(['quick-boot.sh', 'seal.sh'].map((name) => readFile(join(guestFolder, name), 'utf8')));
  const script = proxyFiles + parts.join('\n');
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
