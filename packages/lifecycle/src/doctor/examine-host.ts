import type { VmConfig } from '@katavm/config';
import type { Context } from '../context/context.js';
import { checkCapacity } from './check-capacity.js';
import { checkKvm } from './check-kvm.js';
import { checkLibvirt } from './check-libvirt.js';
import { checkTools } from './check-tools.js';
import { checkTrialGuest } from './check-trial-guest.js';
import type { Finding } from './finding.js';
import { findPackageManager } from './package-manager.js';

/** Every precondition as a row, with what was found and the command that mends it. Nothing is changed. */
export async function examineHost(context: Context, uri: string, config?: VmConfig): Promise<Finding[]> {
  const packages = await findPackageManager();
  const groups = [
    checkTools(packages),
    checkLibvirt(context, uri, config?.vm.network),
    checkKvm(context, uri),
    checkCapacity(context, config),
    checkTrialGuest(context, uri),
  ];
  return (await Promise.all(groups)).flat();
}
