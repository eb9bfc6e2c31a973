import { exec, throwIfAborted } from '@katavm/core';
import type { LibvirtAdapter } from '../adapter.js';
import type { Hypervisor } from '../hypervisor.js';
import { cannotConnect } from '../virsh/unreachable.js';
import { Virsh } from '../virsh/virsh.js';
import { VirshHypervisor } from './virsh-hypervisor.js';

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
    // An interactive virsh starts without a connection too: only a command shows whether there is one.
    const { failure } = await virsh.run(['uri']);
    if (failure !== undefined) throw cannotConnect(uri, withoutPreamble(failure));
    return new VirshHypervisor(virsh);
  } catch (error) {
    await virsh.close();
    throwIfAborted(signal);
    await exec('virsh', ['--version']); // says best that there is no virsh
    throw error;
  }
};

function withoutPreamble(said: string): string {
  const lines = said.split('\n').filter((line) => !/^failed to connect to the hypervisor$/.test(line));
  return [...new Set(lines)].join(': ') || said;
}
