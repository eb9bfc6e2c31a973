import { createServer } from 'node:net';

/** What was given stays free until its server, a moment later, listens: without this two guests at once were given the same port. */
const given = new Set<number>();

/** A port of 127.0.0.1 for a server to listen on; each is given once. */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    await new Promise((resolve) => server.close(resolve));
    if (typeof address !== 'object' || !address) throw new Error('a server that listens has an address');
    if (given.has(address.port)) continue;
    given.add(address.port);
    return address.port;
  }
}
