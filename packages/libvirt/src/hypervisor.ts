import type { MiB, VmName } from '@katavm/core';

/** What katavm writes into a domain's <metadata>: libvirt is the record of what runs. */
export interface DomainMetadata {
  readonly config: string;
  readonly generation: string;
  /** The same as the domain's name. */
  readonly clone: string;
  /**
   * `build`: a master in the making. `job`: dies with its owner. `kept`: made by clone-vm, stays until it is deleted.
   * `template`: its memory image is being taken.
   */
  readonly purpose: 'build' | 'job' | 'kept' | 'template';
  /** Who made it: `user@host:pid`. */
  readonly owner: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  /** The katavm home that holds its files: two homes on one libvirt do not touch each other's domains. */
  readonly home: string;
}

/** A read-only file below an overlay, and what lies below that. libvirt is told of all, so that it neither probes nor relabels them. */
export interface BackingFile {
  readonly path: string;
  readonly format: 'qcow2' | 'raw';
  readonly backing?: BackingFile | undefined;
}

export interface DomainDisk {
  readonly path: string;
  readonly format: 'qcow2' | 'raw';
  readonly backing?: BackingFile | undefined;
  /** Shows in the guest as /dev/disk/by-id/virtio-SERIAL. */
  readonly serial: string;
  readonly readOnly: boolean;
}

export type DomainNetwork =
  | { readonly kind: 'user' }
  | { readonly kind: 'network'; readonly name: string }
  | { readonly kind: 'bridge'; readonly name: string };

export type DomainBoot =
  | { readonly kind: 'disk' }
  | { readonly kind: 'kernel'; readonly kernel: string; readonly initrd: string | undefined; readonly commandLine: string };

/** Everything a domain's XML is made from: one builder turns it into XML, and nothing else touches a domain's XML. */
export interface DomainSpec {
  readonly name: VmName;
  readonly uuid: string;
  readonly vcpus: number;
  readonly memory: MiB;
  readonly acceleration: 'kvm' | 'tcg';
  /** `host-passthrough`, `host-model`, `maximum` or a model's name. Under TCG host-passthrough and host-model mean `maximum`. */
  readonly cpu: string;
  /** The first is the root disk (/dev/vda). */
  readonly disks: readonly DomainDisk[];
  readonly boot: DomainBoot;
  readonly network: DomainNetwork;
  /** `52:54:00:xx:xx:xx` */
  readonly macAddress: string;
  /** The guest's serial console is appended to this file. */
  readonly consoleLog: string;
  /**
   * A Unix socket that libvirt makes, and by which the host talks to the guest without a network: there it is the virtio port
   * `org.katavm.wake`. Absolute, and at most 107 bytes long (sun_path, unix(7)).
   */
  readonly wakeSocket?: string | undefined;
  /** Default: `q35`, of the newest version that QEMU has. A memory image fits one version alone (`Platform.machine`). */
  readonly machine?: string | undefined;
  /** Where the guest's memory is to be kept, or comes from. */
  readonly image?: MemoryImage | undefined;
  readonly metadata: DomainMetadata;
  /** A libosinfo short name such as `debian12`; shown to people in the domain's description, and nothing depends on it. */
  readonly osVariant?: string | undefined;
}

/** A folder that holds, or will hold, what a guest can go on from: the contents of its memory, and the state of its devices. */
export interface MemoryImage {
  readonly folder: string;
  /** `take`: what the guest writes to its memory is in the folder. `restore`: it starts with what is there, and changes nothing of it. */
  readonly use: 'take' | 'restore';
}

/** What a memory image depends on, besides the domain itself. */
export interface Platform {
  /** The program that emulates: `/usr/bin/qemu-system-x86_64`. */
  readonly emulator: string;
  /** `QEMU 7.2.22` */
  readonly version: string;
  /** What `q35` stands for today: `pc-q35-7.2`. */
  readonly machine: string;
}

/**
 * As `virsh domstate` says, without the states that need no telling apart. `paused` is whom somebody paused; `halted` whom QEMU
 * has paused, and who does not run on by itself: its disk on the host is full or fails, or KVM met what it cannot run.
 */
export type DomainState = 'running' | 'paused' | 'halted' | 'shut off' | 'crashed' | 'in shutdown' | 'other';

export interface DomainRecord {
  readonly name: string;
  readonly state: DomainState;
  readonly metadata: DomainMetadata;
}

/** Who is told what a domain does, in the moment in which it does it. */
export interface DomainListener {
  /** Its state may be another one now, or libvirt may be gone: ask. Now and then it comes for nothing. */
  readonly changed: () => void;
  /**
   * The guest has set its network card up, or nobody will tell when it does; it has no address yet. Not of every guest: a driver that
   * does not set the card's receive filter, as Linux' does, says nothing. It can come more than once.
   */
  readonly networkUp?: () => void;
}

/**
 * One libvirt connection. Every call names a domain by its name; deleting and destroying what is absent succeeds.
 * Domains without katavm's metadata are never listed and never touched.
 *
 * Errors by code: KATAVM_LIBVIRT_UNREACHABLE, KATAVM_DOMAIN_EXISTS, KATAVM_DOMAIN_NOT_FOUND, KATAVM_DOMAIN_FOREIGN
 * (it has no katavm metadata), KATAVM_LIBVIRT_REFUSED (anything else that libvirt refused, in libvirt's words).
 */
export interface Hypervisor {
  readonly uri: string;
  define(spec: DomainSpec): Promise<void>;
  /** With `dieWithUs`, libvirt destroys the domain when this connection ends, by SIGKILL too (virsh start --autodestroy). */
  start(name: VmName, options: { readonly dieWithUs: boolean }): Promise<void>;
  /** Stops a running domain's processors; its memory stays as it is. One that is paused already is left so. */
  suspend(name: VmName): Promise<void>;
  /** Lets a paused domain run on. One that runs is left so. */
  resume(name: VmName): Promise<void>;
  /** What domains of this acceleration run on. */
  platform(acceleration: DomainSpec['acceleration']): Promise<Platform>;
  /** A digest of what a guest sees of such a domain: an image of one can be restored by those of the same shape alone. */
  shape(spec: DomainSpec): string;
  /** Makes the folder ready for the memory of a domain that is to be defined with `image: {folder, use: 'take'}`. */
  prepareImage(folder: string, memory: MiB): Promise<void>;
  /**
   * Completes the image of a domain that was defined to take one into this folder, and is paused. All that can be done with the
   * domain then is to remove it; its disks are complete, too.
   */
  saveImage(name: VmName, folder: string): Promise<void>;
  /** Starts a domain that was defined to restore the image in this folder. It is paused then, where the image was saved. */
  restore(name: VmName, options: { readonly folder: string; readonly dieWithUs: boolean }): Promise<void>;
  /** Asks the guest to power off (ACPI). Does not wait. One that is off already is left so. */
  shutdown(name: VmName): Promise<void>;
  /** Ends the domain if it runs, and removes its definition and whatever else libvirt keeps of it. */
  remove(name: VmName): Promise<void>;
  /**
   * Tells the listener of a domain until what this returns is called. What happens in the first tenth of a second, before libvirt
   * knows of the listener, can be missed: listen before you start, and ask once afterwards.
   */
  listen(name: VmName, listener: DomainListener): Promise<() => void>;
  /** `undefined` where katavm has no such domain. */
  state(name: VmName): Promise<DomainState | undefined>;
  find(name: VmName): Promise<DomainRecord | undefined>;
  list(): Promise<readonly DomainRecord[]>;
  /** Forwards a free port of 127.0.0.1 to the guest (user networking only) and returns it: the same one when asked again. */
  forwardPort(name: VmName, guestPort: number): Promise<number>;
  /** The guest's IPv4 address by its MAC address (libvirt networks and bridges); `undefined` while there is none. */
  address(name: VmName, macAddress: string): Promise<string | undefined>;
  /** Ends the connection; libvirt destroys the domains that were started with `dieWithUs` within a second or two. */
  close(): Promise<void>;
}
