import { absolutePath } from '../layers/absolute-path.js';
import { isMapping, type Mapping, mapLeaves } from '../layers/tree.js';
import { asCommand } from './complete.js';

/** The keys of katavm.yaml whose values are paths on this host. `*` is any item of a list. */
const pathKeys = new Set([
  'base.path',
  'base.kernel',
  'base.initrd',
  'cloudInit.userData',
  'cloudInit.networkConfig',
  'complete.files.*.source',
  'agent.jar',
]);

/**
 * A layer as if it had been written out in full: every path absolute (relative ones are relative to the folder of the file
 * that gives them), every command a mapping, so that what its short form leaves out counts as a default.
 */
export function normaliseLayer(layer: Mapping, directory: string, home: string): Mapping {
  const { complete } = layer;
  const spelledOut = isMapping(complete) ? { ...layer, complete: spellOutCommands(complete) } : layer;
  return mapLeaves(spelledOut, (leaf, path) => {
    const key = path.map((part) => (typeof part === 'number' ? '*' : part)).join('.');
    return typeof leaf === 'string' && pathKeys.has(key) ? absolutePath(leaf, directory, home) : leaf;
  }) as Mapping;
}

function spellOutCommands(complete: Mapping): Mapping {
  const lists = ['commands', 'checks'].map((key) => [key, complete[key]] as const);
  const spelledOut = lists.flatMap(([key, list]) => (Array.isArray(list) ? [[key, list.map(asCommand)]] : []));
  return { ...complete, ...Object.fromEntries(spelledOut) };
}
