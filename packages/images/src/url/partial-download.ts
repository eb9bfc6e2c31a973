import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { throwIfAborted } from '@katavm/core';
import { z } from '@katavm/core/schema';
import type { DigestAlgorithm } from '../cache/digest.js';

const recordSchema = z.object({ url: z.string(), etag: z.string().optional(), lastModified: z.string().optional() });

/** What the server said of the file whose beginning we hold. */
export type Validators = Omit<z.infer<typeof recordSchema>, 'url'>;

/**
 * The beginning of a file, its digest so far, and what tells whether the server still has the same file: kept beside it as
 * JSON, so that a later run can go on where this one was cut.
 */
export class PartialDownload {
  #bytes = 0;
  #validators: Validators = {};

  private constructor(
    readonly path: string,
    /** As messages show it: it is stored. */
    private readonly url: string,
    private readonly algorithm: DigestAlgorithm,
    private readonly file: FileHandle,
    private hash: Hash,
  ) {}

  /** Opens what an earlier run left; empty where that cannot be gone on with. */
  static async open(path: string, url: string, algorithm: DigestAlgorithm, signal?: AbortSignal): Promise<PartialDownload> {
    const validators = await readRecord(path, url);
    // O_APPEND: after a truncation, too, writes go to the end.
    const file = await open(path, 'a', 0o600);
    if (!validators) await file.truncate(0);
    const download = new PartialDownload(path, url, algorithm, file, createHash(algorithm));
    if (validators) await download.#readBack(validators, signal);
    return download;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The headers that ask for the rest only, and only of the same file; none where all is needed. RFC 9110, 13.1.5. */
  get resumeHeaders(): Record<string, string> {
    const validator = strongValidator(this.#validators);
    if (this.#bytes === 0 || validator === undefined) return {};
    return { range: `bytes=${this.#bytes}-`, 'if-range': validator };
  }

  /** Begins anew: the server sends the file from its first byte. */
  async restart(validators: Validators): Promise<void> {
    await this.file.truncate(0);
    this.#bytes = 0;
    this.hash = createHash(this.algorithm);
    this.#validators = validators;
    await writeFile(recordOf(this.path), JSON.stringify({ url: this.url, ...validators }), { mode: 0o600 });
  }

  async append(chunk: Buffer): Promise<void> {
    await this.file.appendFile(chunk);
    this.hash.update(chunk);
    this.#bytes += chunk.length;
  }

  /** Hex; the download cannot go on after this. */
  digest(): string {
    return this.hash.digest('hex');
  }

  close(): Promise<void> {
    return this.file.close();
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(recordOf(this.path), { force: true });
  }

  async #readBack(validators: Validators, signal?: AbortSignal): Promise<void> {
    this.#validators = validators;
    for await (const chunk of createReadStream(this.path, { highWaterMark: 1024 ** 2 })) {
      throwIfAborted(signal);
      this.hash.update(chunk);
      this.#bytes += chunk.length;
    }
  }
}

function recordOf(path: string): string {
  return `${path}.json`;
}

async function readRecord(path: string, url: string): Promise<Validators | undefined> {
  try {
    await stat(path);
    const { url: recorded, ...validators } = recordSchema.parse(JSON.parse(await readFile(recordOf(path), 'utf8')));
    return recorded === url ? validators : undefined;
  } catch {
    return undefined;
  }
}

/** A weak ETag does not promise the same bytes. */
function strongValidator({ etag, lastModified }: Validators): string | undefined {
  return etag !== undefined && !etag.startsWith('W/') ? etag : lastModified;
}
