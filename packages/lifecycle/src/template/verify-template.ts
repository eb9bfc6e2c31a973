import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { digestFile } from '../state/digest-file.js';
import { type Template, type TemplateFile, type TemplateRecord, writeTemplate } from './template-folder.js';
import { templateAltered } from './template-unavailable.js';

/** A complete file, with its digest. */
export async function describeFile(path: string, signal: AbortSignal): Promise<TemplateFile> {
  const identity = await identify(path);
  return { ...identity, sha256: await digestFile(path, signal) };
}

/**
 * Proves that a template is byte for byte what was taken. A file with the same number, size and times has not been written, since
 * the kernel sets the time of change, and nobody can set it back; any other is read whole, 2 GiB in a few seconds, and known by its
 * new times from then on, or refused for good.
 *
 * @throws KATAVM_TEMPLATE_ALTERED
 */
export async function verifyTemplate({ name, directory, record }: Template, signal: AbortSignal): Promise<void> {
  if (record.altered !== undefined) throw templateAltered(record.config, name, record.altered);
  const files = await Promise.all(record.files.map((file) => look(directory, file, signal)));
  const altered = files.find((file) => typeof file === 'string');
  const same = files.every((file, index) => file === record.files[index]);
  if (!same) await writeTemplate(directory, altered === undefined ? restamped(record, files) : { ...record, altered });
  if (altered !== undefined) throw templateAltered(record.config, name, altered);
}

/** The file itself where it was not touched, with its new times where its contents are the same, or what is wrong with it. */
async function look(directory: string, file: TemplateFile, signal: AbortSignal): Promise<TemplateFile | string> {
  const path = join(directory, file.file);
  const found = await identify(path).catch(() => undefined);
  if (!found) return `${path} is gone`;
  const { inode, mtimeNs, ctimeNs, bytes } = found;
  if (bytes !== file.bytes) return `${path} has ${bytes} bytes, and was taken with ${file.bytes}`;
  if (inode === file.inode && mtimeNs === file.mtimeNs && ctimeNs === file.ctimeNs) return file;
  const sha256 = await digestFile(path, signal);
  return sha256 === file.sha256 ? { ...found, sha256 } : `${path} has the digest ${sha256}, and was taken with ${file.sha256}`;
}

function restamped(record: TemplateRecord, files: readonly (TemplateFile | string)[]): TemplateRecord {
  return { ...record, files: files.filter((file) => typeof file !== 'string') };
}

async function identify(path: string): Promise<Omit<TemplateFile, 'sha256'>> {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  const [inode, bytes] = [String(ino), Number(size)];
  return { file: basename(path), bytes, inode, mtimeNs: String(mtimeNs), ctimeNs: String(ctimeNs) };
}
