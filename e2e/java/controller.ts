import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { checkout } from '../harness/katavm.js';

/** A controller that gives one of our jars, and says which Jenkins it is. @returns its URL. */
export async function controller(version: string, jar: string): Promise<string> {
  const content = await readFile(join(checkout, 'e2e/agent-jar', jar));
  const server = createServer((_, response) => response.writeHead(200, { 'x-jenkins': version }).end(content));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
