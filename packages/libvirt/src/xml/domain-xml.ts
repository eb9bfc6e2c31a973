import type { DomainSpec } from '../hypervisor.js';
import { deviceElements, type SocketUser } from './devices.js';
import { element, serialize, type XmlElement } from './element.js';
import { imageElement } from './image.js';
import { metadataElement } from './metadata.js';
import { capabilitiesElement, qemuNamespace } from './qemu-namespace.js';

/**
 * The domain as libvirt's XML: the one place that makes it. A q35 machine with virtio devices, a serial console, and no
 * graphics, USB or balloon.
 *
 * @param socketUser Who connects to the sockets that libvirt makes; whoever QEMU runs as where it is left out.
 * @throws KATAVM_DOMAIN_INVALID for what no domain XML can express.
 */
export function domainXml(spec: DomainSpec, socketUser?: SocketUser): string {
  return serialize(
    element(
      'domain',
      { type: spec.acceleration === 'kvm' ? 'kvm' : 'qemu', 'xmlns:qemu': qemuNamespace },
      element('name', {}, spec.name),
      element('uuid', {}, spec.uuid),
      element('description', {}, describe(spec)),
      element('metadata', {}, metadataElement(spec.metadata)),
      element('memory', { unit: 'MiB' }, spec.memory),
      element('vcpu', {}, spec.vcpus),
      osElement(spec),
      element('features', {}, element('acpi'), element('apic')),
      cpuElement(spec),
      clockElement(),
      element('on_poweroff', {}, 'destroy'),
      element('on_reboot', {}, 'restart'),
      element('on_crash', {}, 'destroy'),
      deviceElements(spec, socketUser),
      spec.image && imageElement(spec.image, spec.memory),
      capabilitiesElement(cpuMode(spec)),
    ),
  );
}

/** For people who meet the domain in virsh or virt-manager. */
function describe({ metadata, osVariant }: DomainSpec): string {
  const what = osVariant === undefined ? metadata.config : `${metadata.config} (${osVariant})`;
  return `katavm: ${what}, generation ${metadata.generation}, ${metadata.purpose}, made by ${metadata.owner}`;
}

/**
 * What udev loads as soon as it sees a processor with these features: ciphers and checksums by its own instructions, which are
 * no quicker where these are emulated, and virtual machines in the guest. They took 3 of the 22 processor seconds of an emulated boot.
 */
const modulesOfProcessors = [
  ...['aesni_intel', 'ghash_clmulni_intel', 'polyval_clmulni', 'sha1_ssse3', 'sha256_ssse3', 'sha512_ssse3'],
  ...['crc32_pclmul', 'crc32c_intel', 'crct10dif_pclmul', 'kvm_amd', 'kvm_intel'],
];

/**
 * For the kernel of an emulated guest, before the base's own words, which then win.
 * - `no_timer_check`: a kernel looks whether its timer interrupts come, within a time that it counts in turns of a loop. On a busy
 *   host an emulated guest's may be late: "Kernel panic - not syncing: IO-APIC + timer doesn't work!" (seen with five guests to a
 *   processor). Under KVM the kernel leaves the check out by itself.
 * - `norandmaps`: QEMU translates a program's code for the addresses where it lies, and anew for each process where each lies elsewhere
 *   (docs/decisions/quick-emulation.md).
 * - `modprobe.blacklist`: kmod's; a module that is asked for by its name is loaded all the same.
 */
const emulatedKernel = `no_timer_check norandmaps modprobe.blacklist=${modulesOfProcessors.join(',')}`;

/**
 * `rep movsb` and `rep stosb`, which kernel and C library take for copying and clearing where a CPU says that they are fast. QEMU
 * emulates them a byte at a time (docs/decisions/quick-emulation.md).
 */
const slowWhenEmulated = ['erms', 'fsrm'];

function osElement({ boot, acceleration, machine = 'q35' }: DomainSpec): XmlElement {
  const type = element('type', { arch: 'x86_64', machine }, 'hvm');
  if (boot.kind === 'disk') return element('os', {}, type);
  return element(
    'os',
    {},
    type,
    element('kernel', {}, boot.kernel),
    boot.initrd === undefined ? undefined : element('initrd', {}, boot.initrd),
    element('cmdline', {}, acceleration === 'tcg' ? `${emulatedKernel} ${boot.commandLine}` : boot.commandLine),
  );
}

const hostModes: readonly string[] = ['host-passthrough', 'host-model', 'maximum'];

function cpuMode({ acceleration, cpu }: DomainSpec): string {
  if (!hostModes.includes(cpu)) return 'custom';
  // Emulated, a host's CPU has no meaning. `maximum` rather than `qemu64`: the latter is no cheaper at boot than the noise
  // of the measurement, and cannot run the userlands that are built for x86-64-v2.
  return acceleration === 'tcg' ? 'maximum' : cpu;
}

function cpuElement(spec: DomainSpec): XmlElement {
  const mode = cpuMode(spec);
  if (mode !== 'custom') return element('cpu', { mode }, ...(spec.acceleration === 'tcg' ? slowWhenEmulated : []).map(without));
  return element('cpu', { mode, match: 'exact' }, element('model', { fallback: 'forbid' }, spec.cpu));
}

function without(name: string): XmlElement {
  return element('feature', { policy: 'disable', name });
}

/** kvmclock is libvirt's default; lost ticks are caught up slowly; an HPET would be a slower clock that guests may prefer. */
function clockElement(): XmlElement {
  return element(
    'clock',
    { offset: 'utc' },
    element('timer', { name: 'rtc', tickpolicy: 'catchup' }),
    element('timer', { name: 'pit', tickpolicy: 'delay' }),
    element('timer', { name: 'hpet', present: 'no' }),
  );
}
