import { readFile } from 'node:fs/promises';
import { type ErrorCode, ExitCode, KatavmError, systemErrorCode } from '@katavm/core';

interface Reading {
  readonly file: string;
  /** For the messages: `user-data`. */
  readonly what: string;
  readonly missing: ErrorCode;
  readonly notText: ErrorCode;
}

/** A file's text. @throws `missing` for a file that cannot be read, `notText` for one that is not UTF-8. */
export async function readText(reading: Reading): Promise<string> {
  const bytes = await readBytes(reading);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const gzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    throw new KatavmError({
      code: reading.notText,
      message: `${reading.file} is not ${reading.what}: ${gzip ? 'it is compressed by gzip' : 'it is not text in UTF-8'}`,
      hint: gzip
        ? `unpack it: gzip -dc < ${reading.file}`
        : `save it as UTF-8, for example: iconv -f latin1 -t utf-8 ${reading.file}`,
      exitCode: ExitCode.usage,
      details: { file: reading.file },
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read by this user',
};

async function readBytes({ file, what, missing }: Reading): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const reason = reasons[systemErrorCode(error) ?? ''];
    if (!reason) throw error;
    throw new KatavmError({
      code: missing,
      message: `cannot read the ${what} ${file}: ${reason}`,
      hint: `make the file, or name another one in katavm.yaml; paths are relative to the config's folder`,
      exitCode: ExitCode.usage,
      details: { file },
      cause: error,
    });
  }
}
