import type { Emit, MiB } from '@katavm/core';
import type { Hypervisor } from './hypervisor.js';

export interface OverlayInput {
  readonly path: string;
  readonly backing: { readonly path: string; readonly format: 'qcow2' | 'raw' };
  /** Default: the backing file's virtual size. Never smaller than it. */
  readonly size?: MiB;
  readonly signal?: AbortSignal | undefined;
}

export interface ImageInfo {
  readonly format: 'qcow2' | 'raw';
  readonly virtualSizeBytes: number;
  /** What the file really takes on the host. */
  readonly actualSizeBytes: number;
  readonly backing: string | undefined;
}

/** What to boot: one of `kernel` and `disk`. */
export interface ProbeKvmInput {
  /** A real 64-bit kernel, or a disk that boots one with console=ttyS0. */
  readonly kernel?: { readonly path: string };
  readonly disk?: { readonly path: string; readonly format: 'qcow2' | 'raw' };
  /** Default 10 s for a kernel (under KVM it boots within two), 30 s for a disk: until it speaks, and as long again for its boot. */
  readonly timeoutMilliseconds?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface KvmProbe {
  readonly usable: boolean;
  /** A kernel was booted and has shown it: the same kernel would show the same again. Rights, or a QEMU that did not start, prove nothing. */
  readonly proven: boolean;
  /** What was found, for people: `/dev/kvm cannot be opened: permission denied`. */
  readonly reason: string;
}

/** A hold on a connection that processes hand to one another. */
export interface Lifeline {
  /** Lets go of it. When nobody holds it any more, the connection ends. */
  release(): Promise<void>;
}

/**
 * A connection that does not hang on the process that made it: it lives, and with it the domains that were started to die with it, as
 * long as any process holds its lifeline, and ends with the last of them, by SIGKILL too.
 */
export interface SharedConnection {
  readonly hypervisor: Hypervisor;
  /** Resolves when the connection has ended, whoever ended it, or was left. */
  readonly ended: Promise<void>;
  /** Lets go of it: from now on it is the others'. */
  leave(): Promise<void>;
  /** Ends it for all. */
  end(): Promise<void>;
}

/** What katavm needs of a libvirt package; a fork's replacement exports one as `adapter`. */
export interface LibvirtAdapter {
  /**
   * When `signal` is aborted, the calls that wait at that moment throw its reason; later calls work, since undoing needs them.
   *
   * @throws KATAVM_LIBVIRT_UNREACHABLE with the command that starts libvirt.
   */
  connect(input: { readonly uri: string; readonly emit: Emit; readonly signal?: AbortSignal | undefined }): Promise<Hypervisor>;
  /**
   * A connection that other processes can take over. `lifeline` is a path that does not exist yet, by which they hold it
   * (`holdLifeline`): other processes of this user, and nobody else.
   *
   * @throws KATAVM_LIBVIRT_UNREACHABLE
   */
  connectShared(input: {
    readonly uri: string;
    readonly lifeline: string;
    readonly emit: Emit;
    readonly signal?: AbortSignal | undefined;
  }): Promise<SharedConnection>;
  /** Takes hold of a shared connection. `undefined` where it has ended, or never was. */
  holdLifeline(path: string): Promise<Lifeline | undefined>;
  /** A qcow2 overlay: milliseconds and 200 KB, whatever the size of the backing file. */
  createOverlay(input: OverlayInput): Promise<void>;
  /** Copies an image and all that is below it into one file without a backing file; zeroes are left out. */
  flatten(input: {
    readonly from: string;
    readonly to: string;
    readonly signal?: AbortSignal | undefined;
    readonly emit: Emit;
  }): Promise<void>;
  imageInfo(path: string, signal?: AbortSignal): Promise<ImageInfo>;
  /** Whether this user can open /dev/kvm at this moment. Cheap: it is asked before every guest. */
  isKvmOpen(): Promise<boolean>;
  /** Starts a real kernel under KVM and believes nothing less. */
  probeKvm(input: ProbeKvmInput): Promise<KvmProbe>;
}
