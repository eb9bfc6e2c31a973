import { chmod, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { katavmVersion } from '../package.js';
import { type Template, type TemplateRecord, templateFiles, writeTemplate } from './template-folder.js';
import { describeFile } from './verify-template.js';

/**
 * Makes a template of a folder that its guest has left: what was the guest's own is removed, the rest is protected and described,
 * and the folder gets its name. Before that moment there is no template, after it there is a whole one.
 */
export async function freezeTemplate(
  partial: string,
  directory: string,
  about: Pick<TemplateRecord, 'config' | 'generation' | 'key'>,
  signal: AbortSignal,
): Promise<Template> {
  const { disk, guest } = templateFiles(partial);
  const { size: identityBytes } = await stat(guest.identity);
  for (const path of [...Object.values(guest), `${guest.loginKey}.pub`]) await rm(path, { force: true });
  await chmod(disk, 0o444);
  const files = [disk, join(partial, 'memory'), join(partial, 'state')];
  const record: TemplateRecord = {
    version: 1,
    ...about,
    created: new Date().toISOString(),
    identityBytes,
    files: await Promise.all(files.map((path) => describeFile(path, signal))),
    katavm: katavmVersion,
  };
  await writeTemplate(partial, record);
  await syncFolder(partial);
  await rename(partial, directory);
  await syncFolder(dirname(directory));
  return { name: basename(directory), directory, record };
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
