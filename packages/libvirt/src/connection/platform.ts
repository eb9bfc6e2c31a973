import type { DomainSpec, Platform } from '../hypervisor.js';
import { refused } from '../virsh/refused.js';
import type { Virsh } from '../virsh/virsh.js';

/** What q35 domains of this acceleration run on, as libvirt would choose it for one that is defined now. */
export async function platform(virsh: Virsh, acceleration: DomainSpec['acceleration']): Promise<Platform> {
  const type = acceleration === 'kvm' ? 'kvm' : 'qemu';
  const [capabilities, version] = await Promise.all([
    virsh.run(['domcapabilities', '--virttype', type, '--arch', 'x86_64', '--machine', 'q35']),
    virsh.run(['version']),
  ]);
  const failure = capabilities.failure ?? version.failure;
  if (failure !== undefined) throw refused('say what domains run on', failure);
  return {
    emulator: /<path>([^<]+)<\/path>/.exec(capabilities.output)?.[1] ?? '',
    machine: /<machine>([^<]+)<\/machine>/.exec(capabilities.output)?.[1] ?? '',
    version: /^Running hypervisor: (.+)$/m.exec(version.output)?.[1] ?? '',
  };
}
