import type { Emit } from '@katavm/core';
import type { BaseSource } from './schema.js';

export interface PrepareBaseInput {
  readonly source: BaseSource;
  /** `bases/` of the state directory: content by sha256, made by this call where absent. */
  readonly cacheDirectory: string;
  /** `locks/` of the state directory: two preparations of one base wait for each other. */
  readonly lockDirectory: string;
  /** Builds or downloads again what is cached. Default false. */
  readonly refresh?: boolean;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

/** How the disk boots. `kernel`: by libvirt's direct kernel boot, with no boot loader in the disk. */
export type BaseBoot =
  | { readonly kind: 'disk' }
  | { readonly kind: 'kernel'; readonly kernel: string; readonly initrd: string | undefined; readonly commandLine: string };

export interface PreparedBase {
  /** A file of the cache; never to be written. */
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

/** What katavm needs of an images package; a fork's replacement exports one as `adapter`. */
export interface ImagesAdapter {
  prepareBase(input: PrepareBaseInput): Promise<PreparedBase>;
}
