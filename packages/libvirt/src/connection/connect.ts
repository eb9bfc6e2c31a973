import { exec, throwIfAborted } from '@katavm/core';
import type { LibvirtAdapter } from '../adapter.js';
import type { Hypervisor } from '../hypervisor.js';
import { cannotConnect } from '../virsh/unreachable.js';
import { Virsh } from '../virsh/virsh.js';

/**
 * Connects to libvirt through one virsh process, which `close` ends.
 *
 * When `signal` is aborted, the calls that wait at that moment throw its reason; later calls work, since undoing needs them.
 *
 * @throws KATAVM_LIBVIRT_UNREACHABLE with the command that starts libvirt; KATAVM_COMMAND_MISSING where there is no virsh.
 */
export const connect: LibvirtAdapter['connect'] = async ({ uri, signal }): Promise<Hypervisor> => {
  throwIfAborted(signal);
  const virsh = new Virsh(uri, signal);
  try {
    return await hypervisorOf(virsh);
  } catch (error) {
    await virsh.close();
    throwIfAborted(signal);
    await exec('virsh', ['--version']); // says best that there is no virsh
    throw error;
  }
};

/** virsh ends where there is no connection; a later one would connect only at the first command. The rest is loaded meanwhile. */
export async function hypervisorOf(virsh: Virsh): Promise<Hypervisor> {
  const [{ failure }, { VirshHypervisor }] = await Promise.all([virsh.run(['uri']), import('./virsh-hypervisor.js')]);
  if (failure !== undefined) throw cannotConnect(virsh.uri, failure);
  return new VirshHypervisor(virsh);
}
