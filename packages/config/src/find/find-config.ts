import { basename, dirname, join } from 'node:path';
import { ExitCode, KatavmError } from '@katavm/core';
import { suggest } from '@katavm/core/document';
import { absolutePath } from '../layers/absolute-path.js';
import {
  configFileName,
  configFolders,
  type ResolvedSurroundings,
  resolveSurroundings,
  type Surroundings,
} from './config-folders.js';
import { isFile } from './is-file.js';
import { type FoundConfig, listConfigs } from './list-configs.js';

/**
 * Finds a config by what a user wrote: a folder (or its katavm.yaml) by path, or a name. A word without a slash is a folder of
 * the current one if that holds a katavm.yaml, else a name, looked for in the folders of `configFolders`.
 *
 * @throws KATAVM_CONFIG_NOT_FOUND (exit code 4) with the places that were looked at and the nearest name.
 * @throws KATAVM_CONFIG_NAME_INVALID for a folder whose name cannot name a config.
 */
export async function findConfig(nameOrPath: string, surroundings: Surroundings = {}): Promise<FoundConfig> {
  const around = resolveSurroundings(surroundings);
  const here = folderOf(absolutePath(nameOrPath, around.cwd, around.home));
  if (nameOrPath !== '' && (await isFile(join(here, configFileName)))) return found(here);
  if (looksLikePath(nameOrPath)) throw notAFolder(nameOrPath, here);
  for (const folder of configFolders(around)) {
    const directory = join(folder, nameOrPath);
    if (nameOrPath !== '' && (await isFile(join(directory, configFileName)))) return found(directory);
  }
  throw await noSuchName(nameOrPath, around);
}

/** The first letter keeps a name from being read as an option; 40 characters leave room for a clone's suffix in 63. */
const configName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

function found(directory: string): FoundConfig {
  const name = basename(directory);
  if (configName.test(name)) return { name, directory, file: join(directory, configFileName) };
  throw new KatavmError({
    code: 'KATAVM_CONFIG_NAME_INVALID',
    message: `${JSON.stringify(name)} (${directory}) cannot be a config's name`,
    hint: 'name the folder with 1 to 40 letters, digits, ".", "_" and "-", a letter or a digit first',
    exitCode: ExitCode.usage,
  });
}

function folderOf(path: string): string {
  return basename(path) === configFileName ? dirname(path) : path;
}

function looksLikePath(text: string): boolean {
  return text.includes('/') || text === '.' || text === '..' || text === '~';
}

function notAFolder(written: string, directory: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_CONFIG_NOT_FOUND',
    message: `there is no config at ${written}: no file ${join(directory, configFileName)}`,
    hint: `"katavm config list" shows the configs that can be named`,
    exitCode: ExitCode.notFound,
    details: { lookedIn: [directory] },
  });
}

async function noSuchName(written: string, around: ResolvedSurroundings): Promise<KatavmError> {
  const lookedIn = [around.cwd, ...configFolders(around)];
  const names = [...new Set((await listConfigs(around)).map(({ name }) => name))];
  const nearest = suggest(written, names);
  const known = names.length > 0 ? `known: ${names.join(', ')}` : 'none of these folders holds a config';
  return new KatavmError({
    code: 'KATAVM_CONFIG_NOT_FOUND',
    message: `there is no config "${written}"; looked in:\n${lookedIn.map((folder) => `  ${folder}`).join('\n')}`,
    hint:
      nearest === undefined
        ? `${known}; a path such as ./${written || 'folder'} names any other folder`
        : `did you mean "${nearest}"?`,
    exitCode: ExitCode.notFound,
    details: { lookedIn, known: names },
  });
}
