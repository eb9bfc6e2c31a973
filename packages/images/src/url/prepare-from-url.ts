import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { trackStep } from '@katavm/core';
import type { BaseContext, PreparedBase } from '../adapter.js';
import { findEntry } from '../cache/find-entry.js';
import { type BaseRequest, downloadFile, toRequest } from '../cache/layout.js';
import { linkRequest, type MadeBase } from '../cache/store-entry.js';
import { toPreparedBase, withCache } from '../cache/with-cache.js';
import { inspectDisk } from '../disk/inspect-disk.js';
import { readHead } from '../disk/read-head.js';
import { recognise } from '../disk/recognise.js';
import type { UrlSource } from '../schema.js';
import { download } from './download.js';
import { type ExpectedDigest, fetchDigest, statedDigest } from './expected-digest.js';
import type { HttpClient } from './http-client.js';
import { shownUrl } from './shown-url.js';
import { unpack } from './unpack.js';

/** A downloaded image: what it must be is known before it is asked for, and it enters the cache only when it is that. */
export async function prepareFromUrl(source: UrlSource, context: BaseContext): Promise<PreparedBase> {
  // Here, and not above: its library takes longer to load than most of katavm, and every command would wait for it.
  const { openHttpClient } = await import('./http-client.js');
  const client = openHttpClient();
  try {
    const stated = statedDigest(source);
    if (stated) return await prepareByDigest(client, source, stated, context);
    return await prepareByChecksums(client, source, context);
  } finally {
    await client.close();
  }
}

/** What the checksums file said once holds until a refresh: a build of a master needs no network for its base. */
async function prepareByChecksums(client: HttpClient, source: UrlSource, context: BaseContext): Promise<PreparedBase> {
  const { url, checksums = '' } = source;
  const request = toRequest({ url, checksums });
  const found = context.refresh ? undefined : await findEntry(request, context);
  if (found) return toPreparedBase(found, true);
  const expected = await fetchDigest(client, url, checksums, context.signal);
  const prepared = await prepareByDigest(client, source, expected, context);
  await linkRequest(request, prepared.sha256, context.cacheDirectory);
  return prepared;
}

/** The digest says all: it does not matter by which URL the same bytes came. */
function prepareByDigest(
  client: HttpClient,
  source: UrlSource,
  expected: ExpectedDigest,
  context: BaseContext,
): Promise<PreparedBase> {
  const request = toRequest({ [expected.algorithm]: expected.digest });
  const work = (partial: string) => makeFromUrl({ client, source, expected, request, partial, context });
  return withCache(request, { ...context, refresh: false }, work);
}

interface Making {
  readonly client: HttpClient;
  readonly source: UrlSource;
  readonly expected: ExpectedDigest;
  readonly request: BaseRequest;
  readonly partial: string;
  readonly context: BaseContext;
}

async function makeFromUrl({ client, source, expected, request, partial, context }: Making): Promise<MadeBase> {
  const { emit, signal, cacheDirectory } = context;
  const shown = shownUrl(source.url);
  const path = downloadFile(cacheDirectory, request);
  await trackStep(emit, 'download base', shown, () =>
    download({ client, url: source.url, expected, path, directory: cacheDirectory, emit, signal }),
  );
  const file = join(partial, 'download');
  await rename(path, file);
  await rm(`${path}.json`, { force: true });
  const plain = await unpacked(file, shown, context);
  const facts = await inspectDisk(plain, shown, signal);
  const disk = `disk.${facts.format}`;
  await rename(plain, join(partial, disk));
  return { origin: shown, disk, ...facts, fileNames: [disk], about: { url: shown, [expected.algorithm]: expected.digest } };
}

async function unpacked(file: string, shown: string, { emit, signal }: BaseContext): Promise<string> {
  const found = recognise(await readHead(file));
  if (found.kind !== 'compressed') return file;
  const target = `${file}.unpacked`;
  await trackStep(emit, 'unpack base', shown, () => unpack({ packed: file, by: found.by, target, shown, signal }));
  await rm(file);
  return target;
}
