import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { exec, isKatavmError, KatavmError, messageOf, systemErrorCode, throwIfAborted } from '@katavm/core';
import { diskFull } from '../cache/disk-full.js';

export interface UnpackInput {
  readonly packed: string;
  readonly by: 'xz' | 'gz';
  readonly target: string;
  readonly shown: string;
  readonly signal?: AbortSignal | undefined;
}

/** Decompresses a disk, with holes for its zeros. @throws KATAVM_BASE_UNPACK_FAILED, KATAVM_BASE_DISK_FULL */
export async function unpack(input: UnpackInput): Promise<void> {
  await (input.by === 'gz' ? gunzip(input) : unxz(input));
}

/** Node has no LZMA. xz makes holes by itself where its output is a regular file. */
async function unxz({ packed, target, shown, signal }: UnpackInput): Promise<void> {
  try {
    await exec('xz', ['--decompress', '--stdout', '--format=xz', packed], { signal, stdoutFile: target });
  } catch (error) {
    if (!isKatavmError(error) || error.code !== 'KATAVM_COMMAND_FAILED') throw error;
    const said = String(error.details['stderr']);
    if (/No space left on device|Disk quota exceeded/.test(said)) throw diskFull(target, 'the unpacked image is larger', error);
    throw unpackFailed(shown, said);
  }
}

async function gunzip({ packed, target, shown, signal }: UnpackInput): Promise<void> {
  const file = await open(target, 'w');
  // Not by pipeline(): when the writing end fails, it reports that it aborted the reading end, not why.
  const source = createReadStream(packed);
  const plain = createGunzip({ chunkSize: blockBytes });
  source.once('error', (error) => plain.destroy(error));
  try {
    await writeWithHoles(file, source.pipe(plain), signal);
  } catch (error) {
    // zlib's own codes: Z_DATA_ERROR, Z_BUF_ERROR. Others come from the file system.
    if (systemErrorCode(error)?.startsWith('Z_')) throw unpackFailed(shown, messageOf(error));
    throw error;
  } finally {
    source.destroy();
    await file.close();
  }
}

const blockBytes = 64 * 1024;
const zeros = Buffer.alloc(blockBytes);

async function writeWithHoles(file: FileHandle, chunks: AsyncIterable<Buffer>, signal?: AbortSignal): Promise<void> {
  let position = 0;
  for await (const chunk of chunks) {
    throwIfAborted(signal);
    if (!chunk.equals(zeros.subarray(0, chunk.length))) await writeAll(file, chunk, position);
    position += chunk.length;
  }
  await file.truncate(position);
}

/** write(2) may write less than it was given: what it does on a disk that is about to be full. */
async function writeAll(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await file.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
  }
}

function unpackFailed(shown: string, reason: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_BASE_UNPACK_FAILED',
    message: `cannot decompress ${shown}, although its digest is right: ${reason}`,
    hint: 'the published file itself is damaged: use another build of the image',
  });
}
