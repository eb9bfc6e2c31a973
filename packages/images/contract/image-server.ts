import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file as a real server has it: with validators, ranges, and the ways in which its transfer can go wrong. */
export interface ServedFile {
  readonly content: Buffer;
  /** Without one, there is only Last-Modified. */
  readonly etag?: string;
  /** `false`: Range is ignored, and all is sent. */
  readonly ranges?: boolean;
  /** How many bytes each request gets, in turn, before the transfer stops until `tear`; after the last one nothing is held back. */
  readonly cuts?: readonly number[];
  readonly headers?: Readonly<Record<string, string>>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface ImageServer {
  readonly url: string;
  readonly files: Map<string, ServedFile | Answer>;
  /** What was asked for, in order. */
  readonly requests: IncomingMessage[];
  /** Tears the connections whose transfer has stopped. */
  tear(): void;
  close(): Promise<void>;
}

/** A web server on loopback. */
export async function startImageServer(): Promise<ImageServer> {
  const files: ImageServer['files'] = new Map();
  const requests: IncomingMessage[] = [];
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
    const file = files.get(path);
    if (typeof file === 'function') file(request, response);
    else if (file) serveFile(file, before(requests, path), request, response, held);
    else response.writeHead(404).end('no such file');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const tear = () => {
    for (const response of held.splice(0)) response.destroy();
  };
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, files, requests, tear, close };
}

function before(requests: readonly IncomingMessage[], path: string): number {
  return requests.filter((request) => new URL(request.url ?? '/', 'http://127.0.0.1').pathname === path).length - 1;
}

const lastModified = 'Sun, 01 Nov 2026 12:00:00 GMT';

function serveFile(
  file: ServedFile,
  earlier: number,
  request: IncomingMessage,
  response: ServerResponse,
  held: ServerResponse[],
): void {
  const { content } = file;
  const validators = { ...(file.etag === undefined ? {} : { etag: file.etag }), 'last-modified': lastModified, ...file.headers };
  const from = resumeOffset(file, request);
  if (from !== undefined && from >= content.length) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const body = content.subarray(from ?? 0);
  const range = from === undefined ? {} : { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
  response.writeHead(from === undefined ? 200 : 206, { 'content-length': body.length, ...validators, ...range });
  const cut = file.cuts?.[earlier];
  if (cut === undefined) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, cut));
  held.push(response);
}

/** RFC 9110, 13.1.5: If-Range that does not match means: the whole file. */
function resumeOffset(file: ServedFile, request: IncomingMessage): number | undefined {
  const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  if (from === undefined || file.ranges === false) return undefined;
  return request.headers['if-range'] === (file.etag ?? lastModified) ? Number(from) : undefined;
}
