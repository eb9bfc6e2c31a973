import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

/** Serves a folder's files on 127.0.0.1 while `work` runs. */
export async function serveFolder<T>(folder: string, work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(async (request, response) => {
    const path = join(folder, basename(request.url ?? ''));
    const found = await stat(path).catch(() => undefined);
    response.writeHead(found ? 200 : 404, found ? { 'content-length': found.size } : {});
    if (found) createReadStream(path).pipe(response);
    else response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
