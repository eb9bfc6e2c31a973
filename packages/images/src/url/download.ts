import { type Emit, isKatavmError, KatavmError, systemErrorCode, throwIfAborted } from '@katavm/core';
import { asDiskFull, requireFreeSpace } from '../cache/disk-full.js';
import { digestMismatch } from '../disk/digest-mismatch.js';
import { looksLikeHtml } from '../disk/recognise.js';
import { byteProgress } from '../events/byte-progress.js';
import type { ExpectedDigest } from './expected-digest.js';
import type { HttpClient, HttpResponse } from './http-client.js';
import { htmlAnswer, reasonOf, refusedAnswer, unreachable } from './http-errors.js';
import { PartialDownload } from './partial-download.js';
import { shownUrl } from './shown-url.js';

export interface DownloadInput {
  readonly client: HttpClient;
  readonly url: string;
  readonly expected: ExpectedDigest;
  /** The file being written; kept when the connection is cut for good, removed when its content is wrong. */
  readonly path: string;
  readonly directory: string;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
}

/** A connection that was cut this often within one download is not getting better by itself; wget tries 20 times, curl none. */
const maxResumptions = 5;

/** The connection ended before the file did: what has come is good, and the rest can be asked for. */
class Cut extends Error {}

/** Downloads a file, resuming what an earlier attempt or an earlier run has left, and verifies its digest. */
export async function download(input: DownloadInput): Promise<void> {
  const { url, expected, emit, signal } = input;
  const shown = shownUrl(url);
  const partial = await PartialDownload.open(input.path, shown, expected.algorithm, signal);
  try {
    for (let resumptions = 0; ; resumptions++) {
      const cut = await receive(input, partial, shown).catch(onlyCuts);
      // Also when all has come: here it is kept for the next run.
      throwIfAborted(signal);
      if (!cut) break;
      if (resumptions === maxResumptions) throw truncated(shown, partial.bytes, cut.message);
      const message = `the download of ${shown} was cut after ${partial.bytes} bytes (${cut.message}): resuming (${resumptions + 1} of ${maxResumptions})`;
      emit({ type: 'notice', level: 'warning', code: 'KATAVM_DOWNLOAD_RESUMED', message });
    }
    const actual = partial.digest();
    if (actual !== expected.digest) throw digestMismatch({ shown, ...expected, expected: expected.digest, actual });
  } catch (error) {
    const told = asDiskFull(error, input.directory);
    if (!worthKeeping(told, partial)) await partial.remove();
    throw told;
  } finally {
    await partial.close();
  }
}

/** What was cut off can be resumed. What is wrong, or has filled the disk, must not stay. */
function worthKeeping(error: unknown, partial: PartialDownload): boolean {
  const fatal = ['KATAVM_BASE_DIGEST_MISMATCH', 'KATAVM_BASE_DISK_FULL', 'KATAVM_BASE_IS_HTML'];
  return partial.bytes > 0 && !(isKatavmError(error) && fatal.includes(error.code));
}

function onlyCuts(error: unknown): Cut {
  if (error instanceof Cut) return error;
  throw error;
}

async function receive(input: DownloadInput, partial: PartialDownload, shown: string): Promise<undefined> {
  const { client, url, signal } = input;
  const response = await client.get(url, partial.resumeHeaders, signal).catch((error) => {
    throw unreachable(error, shown, signal);
  });
  const total = await agree(response, partial, shown);
  if (total === partial.bytes) return discard(response);
  if (total !== undefined) await requireFreeSpace(input.directory, total - partial.bytes);
  await appendBody(input, response, partial, { total, shown });
}

/** Brings the partial file in line with what the server is about to send, and gives the size of the whole file if it is known. */
async function agree(response: HttpResponse, partial: PartialDownload, shown: string): Promise<number | undefined> {
  const { status, headers } = response;
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(headers['content-range'] ?? '');
  const total = range?.[2] === undefined ? undefined : Number(range[2]);
  if (status === 206 && Number(range?.[1]) === partial.bytes) return total;
  // All had come, and only the end of the run was missing.
  if (status === 416 && total === partial.bytes) return total;
  if (status === 206 || status === 416) {
    await discard(response);
    await partial.restart({});
    throw new Cut('the server cannot give the rest of it');
  }
  if (status !== 200) {
    await discard(response);
    throw refusedAnswer(status, shown);
  }
  if (headers['content-type']?.startsWith('text/html')) {
    await discard(response);
    throw htmlAnswer(shown);
  }
  await partial.restart({ etag: headers['etag'], lastModified: headers['last-modified'] });
  return headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
}

async function discard(response: HttpResponse): Promise<undefined> {
  await response.body.dump();
}

async function appendBody(
  { emit, signal }: DownloadInput,
  { body }: HttpResponse,
  partial: PartialDownload,
  { total, shown }: { readonly total: number | undefined; readonly shown: string },
): Promise<void> {
  const tell = byteProgress(emit, 'download base', total);
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      // The first bytes tell: no need to load a page to its end, nor to call it a wrong digest.
      if (partial.bytes === 0 && looksLikeHtml(chunk)) throw htmlAnswer(shown);
      await partial.append(chunk);
      tell(partial.bytes);
    }
  } catch (error) {
    throwIfAborted(signal);
    if (isKatavmError(error) || !isNetworkError(error)) throw error;
    throw new Cut(reasonOf(error));
  }
}

/** undici's own codes, and those of sockets; an error of the file system (ENOSPC) must not be taken for a cut. */
function isNetworkError(error: unknown): boolean {
  const code = systemErrorCode(error) ?? '';
  return (
    code.startsWith('UND_ERR_') || ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENETDOWN', 'ENETUNREACH', 'EHOSTUNREACH'].includes(code)
  );
}

function truncated(shown: string, bytes: number, reason: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_BASE_TRUNCATED',
    message: `the download of ${shown} was cut ${maxResumptions + 1} times, the last time after ${bytes} bytes (${reason})`,
    hint: 'run the same command again: it goes on where this one ended',
    details: { bytes },
  });
}
