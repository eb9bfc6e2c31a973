import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '@katavm/core';
import { z } from '@katavm/core/schema';
import { readJson, writeJson } from '../state/json-file.js';
import type { StateDirectory } from '../state/state-directory.js';

/** A file as it was when it was complete. A write changes at least `ctimeNs`, which nobody can set back. */
const fileSchema = z.strictObject({
  /** Name within the template's folder. */
  file: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  inode: z.string(),
  mtimeNs: z.string(),
  ctimeNs: z.string(),
});

/** template.json: what a template is, and what it fits. It never leaves its host. */
export const templateSchema = z.strictObject({
  version: z.literal(1),
  config: z.string(),
  generation: z.string(),
  created: z.string(),
  /** Everything that has to be the same for a clone to go on from it (template-key.ts). */
  key: z.record(z.string(), z.string()),
  /** The size of an identity disk: what the guest believes of the disk that it was taken with. */
  identityBytes: z.number(),
  files: z.array(fileSchema),
  /** What was found to be altered, from when on it is not used. */
  altered: z.string().optional(),
  katavm: z.string(),
});

export type TemplateRecord = z.infer<typeof templateSchema>;
export type TemplateFile = z.infer<typeof fileSchema>;

/** A master's memory image, on this host. */
export interface Template {
  /** `<generation>-<key>`, the folder's name. */
  readonly name: string;
  readonly directory: string;
  readonly record: TemplateRecord;
}

/** Of the folder that a template is taken in: short, since a socket's path (in there) can have 107 bytes. One is taken at a time. */
export const partialName = 'partial';
/** Of a folder that is being removed. */
export const removedSuffix = '.removed';

/** The files of a template. Those of its guest are there as long as it is being taken. */
export function templateFiles(directory: string) {
  return {
    record: join(directory, 'template.json'),
    /** Overlay of the generation's disk, as it was when the memory was. */
    disk: join(directory, 'disk.qcow2'),
    guest: {
      identity: join(directory, 'identity.tar'),
      console: join(directory, 'console.log'),
      wake: join(directory, 'wake'),
      loginKey: join(directory, 'login-key'),
    },
  };
}

/** `undefined` for a folder that is not complete: the record is written last. */
export async function readTemplate(state: StateDirectory, config: string, name: string): Promise<Template | undefined> {
  const directory = state.template(config, name);
  const record = await readJson(templateFiles(directory).record, templateSchema);
  return record && { name, directory, record };
}

export function writeTemplate(directory: string, record: TemplateRecord): Promise<void> {
  return writeJson(templateFiles(directory).record, record, { mode: 0o600 });
}

/** Every folder of a config's templates, complete or not. */
export async function listTemplateNames(state: StateDirectory, config: string): Promise<string[]> {
  return listFolder(state.templatesOf(config));
}

/** The configs that have templates. */
export async function listTemplateConfigs(state: StateDirectory): Promise<string[]> {
  return listFolder(state.templates);
}

async function listFolder(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).sort();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
