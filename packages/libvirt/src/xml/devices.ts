import { ExitCode, KatavmError } from '@katavm/core';
import type { BackingFile, DomainDisk, DomainNetwork, DomainSpec } from '../hypervisor.js';
import { element, type XmlElement } from './element.js';

// Every device has a slot of its own on the root bus, so that adding or leaving out a disk moves no other device: the root
// disk stays /dev/vda (Linux numbers virtio disks in slot order) and the NIC keeps its name (enp0s2). There are no PCIe
// root ports then, which a guest would have to probe.
const nicSlot = 0x02;
const firstDiskSlot = 0x03;
const rngSlot = 0x10;
const channelSlot = 0x11;
const mostDisks = rngSlot - firstDiskSlot;

/** A user of the host. */
export interface SocketUser {
  readonly uid: number;
  readonly gid: number;
}

export function deviceElements(spec: DomainSpec, socketUser?: SocketUser): XmlElement {
  return element(
    'devices',
    {},
    element('controller', { type: 'pci', index: 0, model: 'pcie-root' }),
    element('controller', { type: 'usb', index: 0, model: 'none' }),
    ...diskElements(spec),
    networkElement(spec.network, spec.macAddress),
    ...consoleElements(spec.consoleLog),
    element('rng', { model: 'virtio' }, element('backend', { model: 'random' }, '/dev/urandom'), atSlot(rngSlot)),
    ...wakeElements(spec, socketUser),
    element('memballoon', { model: 'none' }),
  );
}

function diskElements(spec: DomainSpec): XmlElement[] {
  if (spec.disks.length < 1 || spec.disks.length > mostDisks) {
    throw new KatavmError({
      code: 'KATAVM_DOMAIN_INVALID',
      message: `domain ${spec.name} has ${spec.disks.length} disks; it can have 1 to ${mostDisks}`,
      hint: 'put the files of several disks on one',
      exitCode: ExitCode.usage,
    });
  }
  return spec.disks.map((disk, index) => diskElement(disk, index, spec.boot.kind === 'disk' && index === 0));
}

function diskElement(disk: DomainDisk, index: number, bootsFrom: boolean): XmlElement {
  return element(
    'disk',
    { type: 'file', device: 'disk' },
    element('driver', { name: 'qemu', type: disk.format, discard: disk.readOnly ? undefined : 'unmap' }),
    element('source', { file: disk.path }),
    backingElement(disk.backing),
    element('target', { dev: `vd${String.fromCharCode('a'.charCodeAt(0) + index)}`, bus: 'virtio' }),
    disk.readOnly ? element('readonly') : undefined,
    element('serial', {}, disk.serial),
    bootsFrom ? element('boot', { order: 1 }) : undefined,
    atSlot(firstDiskSlot + index),
  );
}

/**
 * An empty backingStore ends the chain, so that libvirt does not probe a file whose content a guest may have written.
 * relabel=no keeps libvirt's dynamic ownership from handing a sealed master to the QEMU user, who could then write it.
 */
function backingElement(backing: BackingFile | undefined): XmlElement {
  if (!backing) return element('backingStore');
  const source = element('source', { file: backing.path }, element('seclabel', { model: 'dac', relabel: 'no' }));
  const format = element('format', { type: backing.format });
  return element('backingStore', { type: 'file' }, format, source, backingElement(backing.backing));
}

function networkElement(network: DomainNetwork, macAddress: string): XmlElement {
  return element(
    'interface',
    { type: network.kind },
    element('mac', { address: macAddress }),
    network.kind === 'user' ? undefined : element('source', { [network.kind]: network.name }),
    element('model', { type: 'virtio' }),
    // No PXE: the firmware would spend time on an option ROM that is never used.
    element('rom', { enabled: 'no' }),
    atSlot(nicSlot),
  );
}

function consoleElements(path: string): XmlElement[] {
  const source = element('source', { path, append: 'on' });
  return [
    element('serial', { type: 'file' }, source, element('target', { type: 'isa-serial', port: 0 })),
    element('console', { type: 'file' }, source, element('target', { type: 'serial', port: 0 })),
  ];
}

/** The longest path of a Unix socket: sun_path in unix(7), without its final NUL. */
const longestSocketPathBytes = 107;

function wakeElements({ name, wakeSocket }: DomainSpec, socketUser: SocketUser | undefined): XmlElement[] {
  if (wakeSocket === undefined) return [];
  if (Buffer.byteLength(wakeSocket) > longestSocketPathBytes) {
    throw new KatavmError({
      code: 'KATAVM_DOMAIN_INVALID',
      message: `the socket ${wakeSocket} of domain ${name} is longer than a Unix socket's path can be (${longestSocketPathBytes} bytes)`,
      hint: 'choose a shorter KATAVM_HOME, or start: cold, which needs no socket',
      exitCode: ExitCode.usage,
    });
  }
  return [
    element('controller', { type: 'virtio-serial', index: 0 }, atSlot(channelSlot)),
    element(
      'channel',
      { type: 'unix' },
      element('source', { mode: 'bind', path: wakeSocket }, socketUser && ownedBy(socketUser)),
      element('target', { type: 'virtio', name: 'org.katavm.wake' }),
    ),
  ];
}

/** libvirt gives what it makes for QEMU to the user that QEMU runs as, but for what names another. */
function ownedBy({ uid, gid }: SocketUser): XmlElement {
  return element('seclabel', { model: 'dac', relabel: 'yes' }, element('label', {}, `+${uid}:+${gid}`));
}

function atSlot(slot: number): XmlElement {
  const hex = (value: number, digits: number) => `0x${value.toString(16).padStart(digits, '0')}`;
  return element('address', { type: 'pci', domain: hex(0, 4), bus: hex(0, 2), slot: hex(slot, 2), function: '0x0' });
}
