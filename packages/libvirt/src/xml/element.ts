import { ExitCode, KatavmError } from '@katavm/core';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

type Value = string | number;

/** One XML element. Attributes and children that are `undefined` are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, Value | undefined>> = {},
  ...children: readonly (XmlElement | Value | undefined)[]
): XmlElement {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    name,
    attributes: Object.fromEntries(given.map(([key, value]) => [key, String(value)])),
    children: children.filter((child) => child !== undefined).map((child) => (typeof child === 'number' ? String(child) : child)),
  };
}

/**
 * The element as text; whatever stands in its attributes and texts is read back unchanged by an XML parser.
 *
 * @throws KATAVM_DOMAIN_INVALID for a character that XML cannot carry at all.
 */
export function serialize(root: XmlElement, indent = ''): string {
  const attributes = Object.entries(root.attributes).map(([key, value]) => ` ${key}="${escapeText(value)}"`);
  const open = `${indent}<${root.name}${attributes.join('')}`;
  if (root.children.length === 0) return `${open}/>\n`;
  // Indentation is put only where no text stands, since it would become part of the text.
  if (root.children.some((child) => typeof child === 'string')) {
    return `${open}>${root.children.map((child) => inline(child)).join('')}</${root.name}>\n`;
  }
  const children = root.children.map((child) => serialize(child as XmlElement, `${indent}  `));
  return `${open}>\n${children.join('')}${indent}</${root.name}>\n`;
}

function inline(child: XmlElement | string): string {
  return typeof child === 'string' ? escapeText(child) : serialize(child).trimEnd();
}

// Tabs and line ends are written as references: a parser would turn them into spaces in an attribute.
const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** What is outside of the Char production of XML 1.0, lone surrogates included: no escape exists for it. */
const unrepresentable = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

function escapeText(text: string): string {
  if (unrepresentable.test(text)) {
    throw new KatavmError({
      code: 'KATAVM_DOMAIN_INVALID',
      message: `cannot describe a domain to libvirt: ${JSON.stringify(text)} holds a character that XML cannot carry`,
      hint: 'use names and paths without control characters',
      exitCode: ExitCode.usage,
    });
  }
  return text.replace(/[&<>"\t\n\r]/g, (character) => references[character] ?? character);
}
