import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { configFileName, type ResolvedSurroundings } from '../find/config-folders.js';
import { isFile } from '../find/is-file.js';
import type { FoundConfig } from '../find/list-configs.js';
import { absolutePath } from '../layers/absolute-path.js';
import type { Layer } from '../layers/layer.js';
import { normaliseLayer } from '../schema/normalise.js';
import { layerSchema } from '../schema/site-schema.js';
import { checkVersion } from './check-version.js';
import { extendsItself, extendsNothing } from './extends-errors.js';
import { type LayerReading, readLayerFile } from './read-layer-file.js';

/** The layers that a config itself gives. */
export interface ConfigLayers {
  /** Lowest first: what it extends, then its own katavm.yaml. */
  readonly all: readonly Layer[];
  /** Its own katavm.yaml. */
  readonly own: Layer;
}

interface Reading {
  readonly subject: string;
  readonly home: string;
  /** The files that extend this one, and the line on which each says so. */
  readonly extendedBy: readonly { readonly file: string; readonly place: string }[];
}

/**
 * Reads a config's katavm.yaml and the files that it extends, each of which may extend another. A path is relative to the folder
 * of the file that gives it.
 *
 * @throws KATAVM_CONFIG_EXTENDS_CYCLE, KATAVM_CONFIG_FILE_MISSING, and all that `readLayerFile` throws.
 */
export async function readConfigLayers(found: FoundConfig, subject: string, around: ResolvedSurroundings): Promise<ConfigLayers> {
  const all = await layersOf(found.file, { subject, home: around.home, extendedBy: [] });
  return { all, own: all[all.length - 1] as Layer };
}

async function layersOf(file: string, reading: Reading): Promise<Layer[]> {
  const { subject, home } = reading;
  const before: LayerReading['before'] = (written, place) => checkVersion(written, place, subject);
  const { value, place } = await readLayerFile({ file, subject, schema: layerSchema, before });
  const { extends: written, ...settings } = value;
  const own = [...(await besideLayer(file)), { place, value: normaliseLayer(settings, dirname(file), home) }];
  if (typeof written !== 'string') return own;
  return [...(await layersBelow({ file, written, place: place(['extends']) }, reading)), ...own];
}

/** @param extending the file that extends another, what it writes, and where. */
async function layersBelow(
  { file, written, place }: { readonly file: string; readonly written: string; readonly place: string },
  { subject, home, extendedBy }: Reading,
): Promise<Layer[]> {
  const below = await extendedFile(absolutePath(written, dirname(file), home));
  if (!(await isFile(below))) throw extendsNothing({ subject, place, written, file: below });
  const chain = [...extendedBy, { file: await realpath(file), place }];
  const real = await realpath(below);
  if (chain.some((link) => link.file === real)) throw extendsItself(subject, chain);
  return layersOf(below, { subject, home, extendedBy: chain });
}

/** A folder means its katavm.yaml, as on the command line. */
async function extendedFile(path: string): Promise<string> {
  const folder = await stat(path).catch(() => undefined);
  return folder?.isDirectory() ? join(path, configFileName) : path;
}

/** A file named user-data is a config's user-data without being named: so it goes over what the config extends. */
async function besideLayer(file: string): Promise<Layer[]> {
  const userData = join(dirname(file), 'user-data');
  if (basename(file) !== configFileName || !(await isFile(userData))) return [];
  return [{ value: { cloudInit: { userData } }, place: () => userData }];
}
