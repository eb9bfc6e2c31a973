import { createHash } from 'node:crypto';

/** A file's name has at most 255 bytes (NAME_MAX); what is put before and behind needs some of them. */
const longest = 100;
const keptOfLong = 60;

/**
 * A name for a file of what may bear any name: itself where it is short and plain, else what is plain of it and a digest, so that two
 * stay two.
 */
export function fileNameOf(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._-]+/g, '_').replace(/^\./, '_');
  if (plain === name && name.length <= longest) return name;
  return `${plain.slice(0, keptOfLong)}-${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
}
