import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '@katavm/core';
import { parseDeb822Sources } from './parse-deb822.js';
import { parseOneLineSources } from './parse-one-line.js';
import type { SourceEntry } from './source-entry.js';

/** What this host's apt is told to use, in apt's order; empty on a host without apt. */
export async function readHostSources(aptDirectory = '/etc/apt'): Promise<SourceEntry[]> {
  const parts = join(aptDirectory, 'sources.list.d');
  const names = (await orAbsent(readdir(parts))) ?? [];
  const files = [join(aptDirectory, 'sources.list'), ...names.sort().map((name) => join(parts, name))];
  const entries: SourceEntry[] = [];
  for (const file of files) entries.push(...(await readSources(file)));
  return entries;
}

/** apt passes over names with other endings: backups of editors and packages. */
async function readSources(file: string): Promise<SourceEntry[]> {
  const parse = file.endsWith('.list') ? parseOneLineSources : file.endsWith('.sources') ? parseDeb822Sources : undefined;
  const text = parse && (await orAbsent(readFile(file, 'utf8')));
  return parse && text !== undefined ? parse(text) : [];
}

async function orAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}
