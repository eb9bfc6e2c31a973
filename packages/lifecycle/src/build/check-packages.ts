import { KatavmError, trackStep } from '@katavm/core';
import type { Context } from '../context/context.js';
import type { BuildVm } from './build-vm.js';
import { partialFiles } from './partial-build.js';

/**
 * Looks whether every listed package is really installed: cloud-init has reported success after a failed install.
 *
 * @throws KATAVM_PACKAGES_MISSING with their names.
 */
export async function checkPackages(
  context: Context,
  vm: BuildVm,
  packages: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (packages.length === 0) return;
  await trackStep(context.emit, 'check packages', `${packages.length}`, async () => {
    const { stdout } = await vm.session.run('sh -s', { input: script(context, packages), signal });
    const missing = stdout.split('\n').filter((line) => line !== '');
    if (missing.length === 0) return;
    throw new KatavmError({
      code: 'KATAVM_PACKAGES_MISSING',
      message: `cloud-init ended, but these packages are not installed: ${missing.join(', ')}`,
      hint: "check the names against the distribution's, and see the apt or dnf lines of the log",
      log: partialFiles(vm.directory).cloudInitOutput,
      details: { missing },
    });
  });
}

/** Prints the packages that are missing, a line each. A virtual package counts as installed when something provides it. */
function script(context: Context, packages: readonly string[]): string {
  return `
installed() {
  if command -v dpkg-query >/dev/null; then
    dpkg-query -W -f='\${db:Status-Status}\\n' "$1" 2>/dev/null | grep -qx installed ||
      dpkg-query -W -f='\${db:Status-Status} \${Provides}\\n' | grep '^installed' | tr ' ,' '\\n\\n' | grep -qxF "$1"
  else
    rpm -q --whatprovides "$1" >/dev/null 2>&1
  fi
}
for package in ${context.adapters.ssh.quoteCommand(packages)}; do installed "$package" || echo "$package"; done
`;
}
