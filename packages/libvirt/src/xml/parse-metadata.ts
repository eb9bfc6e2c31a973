import { DOMParser } from '@xmldom/xmldom';
import type { DomainMetadata } from '../hypervisor.js';
import { metadataKeys, metadataVersion } from './metadata.js';

const purposes: readonly string[] = ['build', 'job', 'kept', 'template'] satisfies DomainMetadata['purpose'][];

/**
 * Reads what `virsh metadata` prints; libvirt leaves the namespace out there.
 *
 * @returns `undefined` for what this version of katavm did not write.
 */
export function parseMetadata(xml: string): DomainMetadata | undefined {
  const root = parseXml(xml)?.documentElement;
  if (root?.localName !== 'domain' || root.getAttribute('version') !== metadataVersion) return undefined;
  if (!metadataKeys.every((key) => root.hasAttribute(key))) return undefined;
  const values = Object.fromEntries(metadataKeys.map((key) => [key, root.getAttribute(key)]));
  return purposes.includes(values['purpose'] ?? '') ? (values as unknown as DomainMetadata) : undefined;
}

function parseXml(text: string) {
  try {
    // By XML 1.0, as libvirt writes it. xmldom's default is XML 1.1, where U+0085 and U+2028 are line ends, too.
    const normalizeLineEndings = (source: string) => source.replace(/\r\n?/g, '\n');
    return new DOMParser({ onError: () => {}, normalizeLineEndings }).parseFromString(text.trim(), 'text/xml');
  } catch {
    return undefined; // not XML: not ours
  }
}
