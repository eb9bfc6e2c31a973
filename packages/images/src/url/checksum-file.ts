import type { DigestAlgorithm } from '../cache/digest.js';

export interface Checksum {
  readonly algorithm: DigestAlgorithm;
  /** Hex, lower case. */
  readonly digest: string;
  readonly fileName: string;
}

const algorithmByDigits: Readonly<Record<number, DigestAlgorithm>> = { 64: 'sha256', 128: 'sha512' };

/** `SHA256 (name) = hex`, of BSD's tools and Fedora. */
const tagged = /^SHA(?:-?)(256|512) \((.+)\) = ([0-9a-fA-F]+)$/;
/** `hex  name` or `hex *name` (binary mode), of coreutils. A leading backslash: the name is escaped. */
const untagged = /^(\\?)([0-9a-fA-F]+) [ *](.+)$/;

/**
 * Reads the lines of SHA256SUMS, SHA512SUMS and Fedora's CHECKSUM files. Whatever is not such a line is passed over: comments, a
 * PGP signature around it, weaker digests. The signature is not verified: the file is as good as the connection it came by.
 */
export function parseChecksums(text: string): Checksum[] {
  return text.split(/\r?\n/).flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): Checksum | undefined {
  // RFC 4880, 7.1: lines of a signed text that begin with a dash are escaped.
  const plain = line.replace(/^- /, '').trimEnd();
  const tag = tagged.exec(plain);
  if (tag) return toChecksum(tag[3], tag[2], `sha${tag[1]}`);
  const pair = untagged.exec(plain);
  return pair ? toChecksum(pair[2], pair[1] === '' ? pair[3] : unescapeName(pair[3] ?? '')) : undefined;
}

function toChecksum(digest = '', name = '', claimed?: string): Checksum | undefined {
  const algorithm = algorithmByDigits[digest.length];
  if (algorithm === undefined || (claimed !== undefined && claimed !== algorithm)) return undefined;
  return { algorithm, digest: digest.toLowerCase(), fileName: name.replace(/^\.\//, '') };
}

function unescapeName(name: string): string {
  return name.replace(/\\([\\nr])/g, (_, letter: string) => ({ n: '\n', r: '\r' })[letter] ?? letter);
}

/**
 * The checksum of one file, sha256 where both are given. `undefined` where the file is not named, `ambiguous` where it is
 * named twice with different digests.
 */
export function findChecksum(checksums: readonly Checksum[], fileName: string): Checksum | 'ambiguous' | undefined {
  for (const algorithm of ['sha256', 'sha512'] as const) {
    const found = checksums.filter((sum) => sum.algorithm === algorithm && sum.fileName === fileName);
    if (new Set(found.map((sum) => sum.digest)).size > 1) return 'ambiguous';
    if (found[0]) return found[0];
  }
  return undefined;
}
