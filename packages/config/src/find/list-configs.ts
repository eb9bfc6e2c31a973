import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '@katavm/core';
import { configFileName, configFolders, resolveSurroundings, type Surroundings } from './config-folders.js';
import { isFile } from './is-file.js';

export interface FoundConfig {
  readonly name: string;
  readonly directory: string;
  /** The path of its katavm.yaml. */
  readonly file: string;
}

export interface ListedConfig extends FoundConfig {
  /** True where a config of the same name in a nearer folder is the one that the name means. */
  readonly shadowed: boolean;
}

/** Every config that can be named from here, by name; nothing is read but the folders. */
export async function listConfigs(surroundings: Surroundings = {}): Promise<ListedConfig[]> {
  const folders = configFolders(resolveSurroundings(surroundings));
  const found = (await Promise.all(folders.map(configsIn))).flat();
  const taken = new Set<string>();
  const listed = found.map((config) => {
    const shadowed = taken.has(config.name);
    taken.add(config.name);
    return { ...config, shadowed };
  });
  return listed.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }) || Number(a.shadowed) - Number(b.shadowed));
}

async function configsIn(folder: string): Promise<FoundConfig[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemErrorCode(error) ?? '')) return [];
    throw error;
  });
  const candidates = names.map((name) => ({ name, directory: join(folder, name), file: join(folder, name, configFileName) }));
  const present = await Promise.all(candidates.map(({ file }) => isFile(file)));
  return candidates.filter((_, index) => present[index]);
}
