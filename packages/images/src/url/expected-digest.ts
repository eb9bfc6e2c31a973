import { KatavmError } from '@katavm/core';
import type { DigestAlgorithm } from '../cache/digest.js';
import { looksLikeHtml } from '../disk/recognise.js';
import type { UrlSource } from '../schema.js';
import { findChecksum, parseChecksums } from './checksum-file.js';
import type { HttpClient } from './http-client.js';
import { htmlAnswer, refusedAnswer, unreachable } from './http-errors.js';
import { fileNameOf, shownUrl } from './shown-url.js';

export interface ExpectedDigest {
  readonly algorithm: DigestAlgorithm;
  /** Hex, lower case. */
  readonly digest: string;
}

/** The digest that the config gives itself; `undefined` where a checksums file has to be asked. */
export function statedDigest({ sha256, sha512 }: UrlSource): ExpectedDigest | undefined {
  if (sha256 !== undefined) return { algorithm: 'sha256', digest: sha256.toLowerCase() };
  if (sha512 !== undefined) return { algorithm: 'sha512', digest: sha512.toLowerCase() };
  return undefined;
}

/** @throws KATAVM_BASE_CHECKSUM_MISSING, and what a download throws. */
export async function fetchDigest(
  client: HttpClient,
  url: string,
  checksums: string,
  signal?: AbortSignal,
): Promise<ExpectedDigest> {
  const text = await fetchText(client, checksums, signal);
  const [name, shown] = [fileNameOf(url), shownUrl(checksums)];
  const found = findChecksum(parseChecksums(text), name);
  if (found !== undefined && found !== 'ambiguous') return found;
  throw new KatavmError({
    code: 'KATAVM_BASE_CHECKSUM_MISSING',
    message:
      found === 'ambiguous'
        ? `${shown} gives two different digests for ${name}`
        : `${shown} gives no SHA-256 or SHA-512 digest for ${name}`,
    hint: `compare the names in ${shown} with the last part of url; publishers remove old images from it`,
  });
}

/** Fedora's and Debian's are below 20 KiB; what is larger is no checksums file. */
const largestBytes = 4 * 1024 ** 2;

async function fetchText(client: HttpClient, url: string, signal?: AbortSignal): Promise<string> {
  const shown = shownUrl(url);
  try {
    const { status, body } = await client.get(url, {}, signal);
    if (status !== 200) {
      await body.dump();
      throw refusedAnswer(status, shown);
    }
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > largestBytes) throw tooLarge(shown);
      chunks.push(chunk);
    }
    const whole = Buffer.concat(chunks);
    if (looksLikeHtml(whole)) throw htmlAnswer(shown);
    return whole.toString('utf8');
  } catch (error) {
    throw error instanceof KatavmError ? error : unreachable(error, shown, signal);
  }
}

function tooLarge(shown: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_BASE_CHECKSUM_MISSING',
    message: `${shown} is larger than ${largestBytes / 1024 ** 2} MiB: it is not a checksums file`,
    hint: 'base.checksums is the URL of a SHA256SUMS, SHA512SUMS or CHECKSUM file',
  });
}
