import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What was fetched from a URL, and what its server called that version. */
export interface CachedJar {
  readonly url: string;
  readonly sha256: string;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

/** Jars by content, and for each URL a record of its last one. Several launches may write at once: each file is renamed into place. */
export class JarCache {
  constructor(private readonly folder: string) {}

  pathOf({ sha256 }: Pick<CachedJar, 'sha256'>): string {
    return join(this.folder, `${sha256}.jar`);
  }

  /** The last one from this URL, if its file is there and whole. */
  async find(url: string): Promise<CachedJar | undefined> {
    const text = await readFile(this.#recordPath(url), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const cached = JSON.parse(text) as CachedJar;
    const digest = await digestOf(this.pathOf(cached)).catch(() => undefined);
    return digest === cached.sha256 ? cached : undefined;
  }

  /** @throws what `body` throws, and what `accept` throws for the first bytes of it; nothing is kept then. */
  async store(found: Omit<CachedJar, 'sha256'>, body: AsyncIterable<Buffer>, accept: (head: Buffer) => void): Promise<CachedJar> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const partial = join(this.folder, `${randomUUID()}.partial`);
    try {
      const sha256 = await writeWhole(partial, body, accept);
      const cached = { ...found, sha256 };
      await rename(partial, this.pathOf(cached));
      await writeFile(partial, JSON.stringify(cached), { mode: 0o600 });
      await rename(partial, this.#recordPath(found.url));
      return cached;
    } finally {
      await rm(partial, { force: true });
    }
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
