// The file format: docs/interop/qcow2.txt in QEMU's sources. All numbers are big-endian.

export interface OverlayLayout {
  /** Absolute path, at most 1023 bytes (the format's limit). */
  readonly backing: string;
  readonly backingFormat: 'qcow2' | 'raw';
  readonly virtualSizeBytes: number;
}

/** What an empty overlay holds: pieces at their offsets, and nothing but zeroes up to its length. */
export interface OverlayImage {
  readonly pieces: readonly { readonly offset: number; readonly data: Buffer }[];
  readonly lengthBytes: number;
}

const clusterBits = 16;
const clusterBytes = 1 << clusterBits;
const headerBytes = 112;
/** With subclusters an entry of an L2 table has 16 bytes; a table fills a cluster. */
const bytesPerL1Entry = (clusterBytes / 16) * clusterBytes;
/**
 * Incompatible feature 4, extended L2 entries: what a guest writes is copied up in pieces of 2 KiB in place of 64. Measured
 * with QEMU 7.2 on 4000 scattered writes of 4 KiB: 0.10 s in place of 0.21 s, and 16 MiB in place of 249 MiB. QEMU 5.2
 * (2020) or later reads it.
 */
const extendedL2 = 1n << 4n;
const refcountOrder = 4; // 16 bits
const backingFormatExtension = 0xe2792aca;

/** The longest path of a backing file that the format takes. */
export const backingLimitBytes = 1023;

/** An empty qcow2 image that shows its backing file's content: a header, one block of reference counts, an empty L1 table. */
export function overlayImage({ backing, backingFormat, virtualSizeBytes }: OverlayLayout): OverlayImage {
  const name = Buffer.from(backing);
  if (name.length > backingLimitBytes) throw new RangeError(`a backing file's path has at most ${backingLimitBytes} bytes`);
  const l1Entries = Math.max(1, Math.ceil(virtualSizeBytes / bytesPerL1Entry));
  const l1Clusters = Math.ceil((l1Entries * 8) / clusterBytes);
  const [refcountTable, refcountBlock, l1Table] = [1, 2, 3].map((cluster) => cluster * clusterBytes) as [number, number, number];
  const extensions = backingFormatOf(backingFormat);

  const header = Buffer.alloc(headerBytes);
  header.write('QFI\xfb', 0, 'latin1');
  header.writeUInt32BE(3, 4); // version
  header.writeBigUInt64BE(BigInt(headerBytes + extensions.length), 8); // backing file's name
  header.writeUInt32BE(name.length, 16);
  header.writeUInt32BE(clusterBits, 20);
  header.writeBigUInt64BE(BigInt(virtualSizeBytes), 24);
  header.writeUInt32BE(l1Entries, 36);
  header.writeBigUInt64BE(BigInt(l1Table), 40);
  header.writeBigUInt64BE(BigInt(refcountTable), 48);
  header.writeUInt32BE(1, 56); // clusters of the refcount table
  header.writeBigUInt64BE(extendedL2, 72);
  header.writeUInt32BE(refcountOrder, 96);
  header.writeUInt32BE(headerBytes, 100);

  const clusters = 3 + l1Clusters;
  const table = Buffer.alloc(8);
  table.writeBigUInt64BE(BigInt(refcountBlock));
  const counts = Buffer.alloc(clusters * 2);
  for (let cluster = 0; cluster < clusters; cluster++) counts.writeUInt16BE(1, cluster * 2);
  return {
    pieces: [
      { offset: 0, data: Buffer.concat([header, extensions, name]) },
      { offset: refcountTable, data: table },
      { offset: refcountBlock, data: counts },
    ],
    lengthBytes: clusters * clusterBytes,
  };
}

/** The header extension that names the backing file's format, padded to 8 bytes, and the one that ends the list. */
function backingFormatOf(format: string): Buffer {
  const padded = Buffer.alloc(Math.ceil(format.length / 8) * 8);
  padded.write(format);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(backingFormatExtension, 0);
  head.writeUInt32BE(format.length, 4);
  return Buffer.concat([head, padded, Buffer.alloc(8)]);
}

/** The virtual size that a qcow2 image's header states; `undefined` for what is no qcow2 image. */
export function virtualSizeIn(header: Buffer): number | undefined {
  if (header.length < 32 || header.toString('latin1', 0, 4) !== 'QFI\xfb') return undefined;
  return Number(header.readBigUInt64BE(24));
}
