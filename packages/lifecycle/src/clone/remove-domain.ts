import type { VmName } from '@katavm/core';
import type { Hypervisor } from '@katavm/libvirt';
import type { StateDirectory } from '../state/state-directory.js';

/** Removes a domain of this home; a domain of the same name that another home made is left alone. Succeeds where there is none. */
export async function removeOwnDomain(hypervisor: Hypervisor, state: StateDirectory, name: VmName): Promise<void> {
  const domain = await hypervisor.find(name);
  if (domain?.metadata.home === state.home) await hypervisor.remove(name);
}
