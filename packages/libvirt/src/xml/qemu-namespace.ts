import { element, type XmlElement } from './element.js';

/** What libvirt takes for QEMU beside its own XML. It marks such a domain as tainted, and supports it all the same. */
export const qemuNamespace = 'http://libvirt.org/schemas/domain/qemu/1.0';

/** CPUs that are whatever QEMU or the host has. Of any other, libvirt verifies that the guest got each feature. */
const withoutModel: readonly string[] = ['maximum', 'host-passthrough'];

/**
 * At each start libvirt asks QEMU for every property of the CPU, one by one, four hundred of them: 0.3 s of a start of 0.45 s on an
 * emulated host (docs/decisions/unasked-cpu-properties.md). Without this capability of QEMU it asks for all of them at once.
 */
export function capabilitiesElement(cpuMode: string): XmlElement | undefined {
  if (!withoutModel.includes(cpuMode)) return undefined;
  return element('qemu:capabilities', {}, element('qemu:del', { capability: 'cpu-unavailable-features' }));
}
