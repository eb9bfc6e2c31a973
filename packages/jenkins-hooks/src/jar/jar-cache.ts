import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from '@katavm/core/schema';

const recordSchema = z.object({
  url: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  etag: z.string().optional(),
  lastModified: z.string().optional(),
  /** What its server called itself (X-Jenkins). */
  controller: z.string().optional(),
  /** The Java that the jar itself was compiled for. */
  java: z.number().optional(),
});

/** What was fetched from a URL, and what its server called that version. */
export type CachedJar = z.infer<typeof recordSchema>;
type Found = Omit<CachedJar, 'sha256' | 'java'>;

/** What is looked at before a jar is kept: its first bytes, and then the whole. */
export interface JarExamination {
  readonly begin: (head: Buffer) => void;
  /** @returns the Java that it was compiled for. */
  readonly whole: (path: string) => Promise<number | undefined>;
}

/** Jars by content, and for each URL a record of its last one. Several launches may write at once: each file is renamed into place. */
export class JarCache {
  constructor(private readonly folder: string) {}

  pathOf({ sha256 }: Pick<CachedJar, 'sha256'>): string {
    return join(this.folder, `${sha256}.jar`);
  }

  /** The last one from this URL, if its file is there and whole. */
  async find(url: string): Promise<CachedJar | undefined> {
    const cached = await this.readRecord(url);
    const digest = cached && (await digestOf(this.pathOf(cached)).catch(() => undefined));
    return digest === cached?.sha256 ? cached : undefined;
  }

  /** What is remembered of a URL. A record that a power cut tore is as good as none: the jar is fetched again. */
  async readRecord(url: string): Promise<CachedJar | undefined> {
    try {
      return recordSchema.parse(JSON.parse(await readFile(this.#recordPath(url), 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** @throws what `body` and the examination throw; nothing is kept then. */
  async store(found: Found, body: AsyncIterable<Buffer>, examination: JarExamination): Promise<CachedJar> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const partial = this.#partialPath();
    try {
      const sha256 = await writeWhole(partial, body, examination.begin);
      const cached = { ...found, sha256, java: await examination.whole(partial) };
      await rename(partial, this.pathOf(cached));
      await this.remember(cached);
      return cached;
    } finally {
      await rm(partial, { force: true });
    }
  }

  async remember(cached: CachedJar): Promise<void> {
    const partial = this.#partialPath();
    await writeFile(partial, JSON.stringify(cached), { mode: 0o600, flush: true });
    await rename(partial, this.#recordPath(cached.url));
  }

  #partialPath(): string {
    return join(this.folder, `${randomUUID()}.partial`);
  }

  /** A URL may hold a password, which belongs into no file's name. */
  #recordPath(url: string): string {
    return join(this.folder, `${createHash('sha256').update(url).digest('hex').slice(0, 16)}.json`);
  }
}

async function writeWhole(path: string, body: AsyncIterable<Buffer>, accept: (head: Buffer) => void): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'w', 0o644);
  let first = true;
  try {
    for await (const chunk of body) {
      if (first) accept(chunk);
      first = false;
      hash.update(chunk);
      await file.writeFile(chunk);
    }
    if (first) accept(Buffer.alloc(0));
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
