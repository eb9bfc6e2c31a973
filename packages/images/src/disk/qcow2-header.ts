/** The parts of a qcow2 header that name other files. */
export interface Qcow2References {
  readonly backingFile: boolean;
  readonly externalDataFile: boolean;
}

const backingFileOffsetAt = 8;
const versionAt = 4;
const incompatibleFeaturesAt = 72;
const externalDataFileBit = 1n << 2n;

/** Reads the header as docs/interop/qcow2.txt of QEMU lays it out. `undefined` where it is cut off. */
export function readQcow2References(head: Buffer): Qcow2References | undefined {
  if (head.length < incompatibleFeaturesAt) return undefined;
  const backingFile = head.readBigUInt64BE(backingFileOffsetAt) !== 0n;
  // Version 2 ends at byte 72: it knows no feature bits.
  if (head.readUInt32BE(versionAt) < 3) return { backingFile, externalDataFile: false };
  if (head.length < incompatibleFeaturesAt + 8) return undefined;
  const externalDataFile = (head.readBigUInt64BE(incompatibleFeaturesAt) & externalDataFileBit) !== 0n;
  return { backingFile, externalDataFile };
}
