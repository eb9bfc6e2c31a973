import { KatavmError } from '@katavm/core';
import { DOMParser, type Document, type Element, XMLSerializer } from '@xmldom/xmldom';
import { demandClass, launcherClass } from './create-form.js';
import { type NodeDefinition, retention } from './node-definition.js';

/** One setting of a node that is not as it should be. */
export interface NodeChange {
  readonly setting: string;
  readonly from: string;
  readonly to: string;
}

interface Wanted {
  /** Path below <slave>. */
  readonly path: readonly string[];
  readonly value: string;
  /** The same for Jenkins, though written otherwise. */
  readonly same?: (from: string) => boolean;
}

/**
 * Makes a node's config.xml say what the definition says, and leaves everything else in it as it is: description, node properties, JVM
 * options, the host key strategy.
 */
export function changeNodeXml(
  xml: string,
  node: NodeDefinition,
): { readonly xml: string; readonly changes: readonly NodeChange[] } {
  const document = parse(xml, node.name);
  const root = document.documentElement;
  if (root?.tagName !== 'slave') throw unreadable(node.name, 'it is not the configuration of an agent');
  const changes = [
    ...setClass(document, root, 'launcher', launcherClass[node.launcher.kind]),
    ...setClass(document, root, 'retentionStrategy', demandClass),
    ...wantedOf(node).flatMap((wanted) => setText(document, root, wanted)),
  ];
  return { xml: new XMLSerializer().serializeToString(document), changes };
}

function wantedOf({ labels, remoteFs, launcher }: NodeDefinition): Wanted[] {
  const sorted = (text: string) => text.split(/\s+/).filter(Boolean).sort().join(' ');
  const label = labels.join(' ');
  return [
    { path: ['remoteFS'], value: remoteFs },
    { path: ['numExecutors'], value: '1' },
    { path: ['mode'], value: 'EXCLUSIVE' },
    { path: ['label'], value: label, same: (from) => sorted(from) === sorted(label) },
    { path: ['retentionStrategy', 'inDemandDelay'], value: String(retention.inDemandDelay) },
    { path: ['retentionStrategy', 'idleDelay'], value: String(retention.idleDelay) },
    ...(launcher.kind === 'command'
      ? [{ path: ['launcher', 'agentCommand'], value: launcher.command }]
      : [
          { path: ['launcher', 'host'], value: launcher.host },
          { path: ['launcher', 'port'], value: String(launcher.port) },
          { path: ['launcher', 'credentialsId'], value: launcher.credentialsId },
          { path: ['launcher', 'prefixStartSlaveCmd'], value: launcher.prefix },
          { path: ['launcher', 'suffixStartSlaveCmd'], value: launcher.suffix },
        ]),
  ];
}

/** Another class has other settings: those of the old one go. */
function setClass(document: Document, root: Element, name: string, value: string): NodeChange[] {
  const found = childOf(root, name);
  const from = found?.getAttribute('class') ?? '';
  if (from === value) return [];
  const made = document.createElement(name);
  made.setAttribute('class', value);
  if (found) root.replaceChild(made, found);
  else root.appendChild(made);
  return [{ setting: name, from, to: value }];
}

function setText(document: Document, root: Element, { path, value, same }: Wanted): NodeChange[] {
  let at = root;
  for (const name of path) at = childOf(at, name) ?? append(at, document.createElement(name));
  const from = at.textContent ?? '';
  if (same ? same(from) : from === value) return [];
  at.textContent = value;
  return [{ setting: path.join('.'), from, to: value }];
}

function append(parent: Element, child: Element): Element {
  parent.appendChild(child);
  return child;
}

function childOf(parent: Element, name: string): Element | undefined {
  for (let child = parent.firstChild; child; child = child.nextSibling) if (child.nodeName === name) return child as Element;
  return undefined;
}

function parse(xml: string, node: string): Document {
  let problem = '';
  const onError = (_level: string, message: string) => {
    problem ||= message;
  };
  try {
    const document = new DOMParser({ onError }).parseFromString(xml, 'text/xml');
    if (problem === '') return document;
  } catch (error) {
    problem ||= String(error);
  }
  throw unreadable(node, problem);
}

function unreadable(node: string, problem: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_JENKINS_NODE_UNREADABLE',
    message: `could not read the config.xml of node "${node}": ${problem}`,
    hint: 'look at it in a browser: JENKINS_URL/computer/NODE/config.xml',
  });
}
