import type { DomainMetadata } from '../hypervisor.js';
import { metadataKeys, metadataVersion } from './metadata.js';

const purposes: readonly string[] = ['build', 'job', 'kept', 'template'] satisfies DomainMetadata['purpose'][];

/**
 * katavm's element is empty, and libvirt writes it anew from what it has parsed: one element with attributes is all that comes, so that
 * no XML parser is needed. One takes 15 ms of a processor to load, in each launch.
 */
const emptyElement = /^<domain((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(?:\/>|>\s*<\/domain\s*>)$/;
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;

/**
 * Reads what `virsh metadata` prints; libvirt leaves the namespace out there.
 *
 * @returns `undefined` for what this version of katavm did not write.
 */
export function parseMetadata(xml: string): DomainMetadata | undefined {
  const attributes = emptyElement.exec(xml.trim().replace(/^<katavm:/, '<'))?.[1];
  if (attributes === undefined) return undefined;
  const found = new Map(
    [...attributes.matchAll(attribute)].map(([, key, double, single]) => [key, textOf(double ?? single ?? '')]),
  );
  if (found.get('version') !== metadataVersion || !metadataKeys.every((key) => found.has(key))) return undefined;
  const values = Object.fromEntries(metadataKeys.map((key) => [key, found.get(key)]));
  return purposes.includes(values['purpose'] ?? '') ? (values as unknown as DomainMetadata) : undefined;
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The value of an attribute (XML 1.0, 3.3.3): what stands for a character becomes it, a line end or a tab becomes a space. */
function textOf(written: string): string {
  return written
    .replace(/\r\n?|[\t\n]/g, ' ')
    .replace(/&(?:#x([\da-fA-F]{1,5}|10[\da-fA-F]{4})|#(\d{1,6})|(lt|gt|amp|quot|apos));/g, (_, hexadecimal, decimal, name) =>
      name ? (named[name] ?? '') : String.fromCodePoint(hexadecimal ? Number.parseInt(hexadecimal, 16) : Number(decimal)),
    );
}
