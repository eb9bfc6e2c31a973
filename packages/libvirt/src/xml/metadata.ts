import type { DomainMetadata } from '../hypervisor.js';
import { element, type XmlElement } from './element.js';

/** The namespace of katavm's element in a domain's <metadata>. */
export const metadataNamespace = 'urn:katavm:domain:1';

/** Raised when an attribute changes its meaning; a domain of another version is treated as foreign, never guessed at. */
export const metadataVersion = '1';
export const metadataKeys = ['config', 'generation', 'clone', 'purpose', 'owner', 'created', 'home'] as const;

export function metadataElement(metadata: DomainMetadata): XmlElement {
  const values = Object.fromEntries(metadataKeys.map((key) => [key, metadata[key]]));
  return element('katavm:domain', { 'xmlns:katavm': metadataNamespace, version: metadataVersion, ...values });
}
