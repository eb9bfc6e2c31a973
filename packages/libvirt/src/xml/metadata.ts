import { DOMParser } from '@xmldom/xmldom';
import type { DomainMetadata } from '../hypervisor.js';
import { element, type XmlElement } from './element.js';

/** The namespace of katavm's element in a domain's <metadata>. */
export const metadataNamespace = 'urn:katavm:domain:1';

/** Raised when an attribute changes its meaning; a domain of another version is treated as foreign, never guessed at. */
const version = '1';
const keys = ['config', 'generation', 'clone', 'purpose', 'owner', 'created', 'home'] as const;
const purposes: readonly string[] = ['build', 'job', 'kept', 'template'] satisfies DomainMetadata['purpose'][];

export function metadataElement(metadata: DomainMetadata): XmlElement {
  const values = Object.fromEntries(keys.map((key) => [key, metadata[key]]));
  return element('katavm:domain', { 'xmlns:katavm': metadataNamespace, version, ...values });
}

/**
 * Reads what `virsh metadata` prints; libvirt leaves the namespace out there.
 *
 * @returns `undefined` for what this version of katavm did not write.
 */
export function parseMetadata(xml: string): DomainMetadata | undefined {
  const root = parseXml(xml)?.documentElement;
  if (root?.localName !== 'domain' || root.getAttribute('version') !== version) return undefined;
  if (!keys.every((key) => root.hasAttribute(key))) return undefined;
  const values = Object.fromEntries(keys.map((key) => [key, root.getAttribute(key)]));
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
