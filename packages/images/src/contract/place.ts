import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ignoreEvents } from '@katavm/core';
import type { BaseContext } from '../adapter.js';

/** An empty cache, and a web server on loopback. */
export interface Place {
  readonly folder: string;
  readonly context: BaseContext;
  /** Serves this content; returns its URL. */
  serve(name: string, content: Buffer): string;
  /** The paths that were asked for, in order. */
  served(): readonly string[];
}

export async function inPlace(run: (place: Place) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-images-'));
  const files = new Map<string, Buffer>();
  const paths: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    paths.push(url);
    const content = files.get(url);
    response.writeHead(content ? 200 : 404, content ? { 'content-length': content.length } : {}).end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const serve = (name: string, content: Buffer) => {
    files.set(`/${name}`, content);
    return `http://127.0.0.1:${port}/${name}`;
  };
  const context = { cacheDirectory: join(folder, 'bases'), lockDirectory: join(folder, 'locks'), emit: ignoreEvents };
  try {
    await run({ folder, context, serve, served: () => paths });
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    await rm(folder, { recursive: true, force: true });
  }
}

/** With a boot sector's signature, as a disk with a boot loader has it. */
export function rawDisk(): Buffer {
  const disk = Buffer.concat([randomBytes(1024 ** 2), Buffer.alloc(1024 ** 2)]);
  disk.write('\x55\xaa', 510, 'latin1');
  return disk;
}
