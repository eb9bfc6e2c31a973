/** What the first bytes of a file say it is. */
export type Recognised =
  | { readonly kind: 'disk'; readonly format: 'qcow2' | 'raw' }
  | { readonly kind: 'compressed'; readonly by: 'xz' | 'gz' }
  | { readonly kind: 'html' }
  /** Something else, named for people. */
  | { readonly kind: 'other'; readonly name: string };

interface Signature {
  readonly at: number;
  readonly bytes: string;
  readonly is: Recognised;
}

const qcow2: Recognised = { kind: 'disk', format: 'qcow2' };
const raw: Recognised = { kind: 'disk', format: 'raw' };
const other = (name: string): Recognised => ({ kind: 'other', name });

// Each from its format's specification. Containers come before the raw disks that may lie in them.
const signatures: readonly Signature[] = [
  { at: 0, bytes: 'QFI\xfb', is: qcow2 },
  { at: 0, bytes: '\xfd7zXZ\0', is: { kind: 'compressed', by: 'xz' } },
  { at: 0, bytes: '\x1f\x8b', is: { kind: 'compressed', by: 'gz' } },
  { at: 0, bytes: 'BZh', is: other('a bzip2 file') },
  { at: 0, bytes: '\x28\xb5\x2f\xfd', is: other('a zstd file') },
  { at: 0, bytes: 'PK\x03\x04', is: other('a zip file') },
  { at: 0, bytes: 'KDMV', is: other('a VMDK image') },
  { at: 0, bytes: '# Disk DescriptorFile', is: other('a VMDK image') },
  { at: 0, bytes: 'vhdxfile', is: other('a VHDX image') },
  { at: 0, bytes: 'conectix', is: other('a VHD image') },
  { at: 0x40, bytes: '\x7f\x10\xda\xbe', is: other('a VDI image') },
  { at: 257, bytes: 'ustar', is: other('a tar archive') },
  { at: 0, bytes: '-----BEGIN PGP', is: other('a PGP signed text') },
  { at: 0x8001, bytes: 'CD001', is: other('an ISO 9660 image (an installer, perhaps)') }, // may carry an MBR as well
  { at: 510, bytes: '\x55\xaa', is: raw }, // MBR, also the protective one of GPT
  { at: 512, bytes: 'EFI PART', is: raw },
  { at: 1080, bytes: '\x53\xef', is: raw }, // ext2, ext3, ext4 without a partition table
  { at: 0, bytes: 'XFSB', is: raw },
  { at: 0x10040, bytes: '_BHRfS_M', is: raw }, // btrfs
  { at: 0, bytes: 'hsqs', is: raw }, // squashfs
];

/** Recognises a disk, or what was given in its place, by the first bytes of the file. */
export function recognise(head: Buffer): Recognised {
  for (const { at, bytes, is } of signatures) {
    if (head.toString('latin1', at, at + bytes.length) === bytes) return is;
  }
  if (looksLikeHtml(head)) return { kind: 'html' };
  return other(head.length === 0 ? 'an empty file' : 'not known to katavm');
}

/** A login page or an error page that a proxy or a moved download answers with, in place of the file. */
export function looksLikeHtml(head: Buffer): boolean {
  const text = head
    .toString('latin1', 0, 1024)
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
    .toLowerCase();
  return /^(<!doctype html|<html|<head|<body|<\?xml[^>]*>\s*<!doctype html)/.test(text);
}
