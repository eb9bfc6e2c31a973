import type { Emit } from '@katavm/core';
import type { BaseSource } from './schema.js';

/** Where bases are kept, and who is told of the work. The same for the three sources. */
export interface BaseContext {
  /** `bases/` of the state directory: content by sha256, made by this call where absent. */
  readonly cacheDirectory: string;
  /** `locks/` of the state directory: two preparations of one base wait for each other. */
  readonly lockDirectory: string;
  /**
   * Builds from packages again, and asks a checksums file again, whatever is cached. A download that still is what its
   * digest says is not repeated. Default false.
   */
  readonly refresh?: boolean | undefined;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

export interface PrepareBaseInput extends BaseContext {
  readonly source: BaseSource;
}

/** How the disk boots. `kernel`: by libvirt's direct kernel boot, with no boot loader in the disk. */
export type BaseBoot =
  | { readonly kind: 'disk' }
  | { readonly kind: 'kernel'; readonly kernel: string; readonly initrd: string | undefined; readonly commandLine: string };

export interface PreparedBase {
  /** A file of the cache, or with `path` the user's own file; never to be written. */
  readonly disk: string;
  readonly format: 'qcow2' | 'raw';
  readonly virtualSizeBytes: number;
  /** sha256 of the disk file, hex. */
  readonly sha256: string;
  readonly boot: BaseBoot;
  /** Where it came from, for people and manifests, without credentials: a URL, a path, `bookworm from packages`. */
  readonly origin: string;
  /** True where nothing had to be built or downloaded. */
  readonly cached: boolean;
}

export interface CollectBasesInput extends Pick<BaseContext, 'cacheDirectory' | 'lockDirectory' | 'signal'> {
  /** Digests (`PreparedBase.sha256`) of the disks that unfinished builds lie on. */
  readonly inUse: readonly string[];
}

/** What katavm needs of an images package; a fork's replacement exports one as `adapter`. */
export interface ImagesAdapter {
  prepareBase(input: PrepareBaseInput): Promise<PreparedBase>;
  /**
   * Removes what no build is likely to ask for again. Never a base that is in use, nor one that a preparation which runs at
   * this moment may give. @returns the paths of what was removed.
   */
  collectBases(input: CollectBasesInput): Promise<string[]>;
}
