import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** Gives a socket's bytes in pieces of a wanted length. */
class Reader {
  #buffer = Buffer.alloc(0);
  constructor(private readonly socket: Socket) {}

  async take(length: number): Promise<Buffer> {
    while (this.#buffer.length < length) {
      const chunk: Buffer | null = this.socket.read();
      if (chunk) this.#buffer = Buffer.concat([this.#buffer, chunk]);
      else await once(this.socket, 'readable');
    }
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return taken;
  }

  async takeUntil(end: string): Promise<string> {
    let text = '';
    while (!text.endsWith(end)) text += (await this.take(1)).toString('latin1');
    return text.slice(0, -end.length);
  }

  rest(): Buffer {
    return this.#buffer;
  }
}

export interface ProxyServer {
  readonly port: number;
  /** `host:port` of each connection, with the login that came with it. */
  readonly seen: { readonly target: string; readonly login: string }[];
  close(): void;
}

/** A proxy on loopback that speaks SOCKS4, SOCKS4A, SOCKS5 and HTTP CONNECT, and takes every name for this host. */
export async function startProxy(login: string | undefined): Promise<ProxyServer> {
  const seen: ProxyServer['seen'] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    void serve(socket, login, seen).catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, seen, close: () => void server.close() };
}

async function serve(socket: Socket, login: string | undefined, seen: ProxyServer['seen']): Promise<void> {
  const reader = new Reader(socket);
  const first = (await reader.take(1))[0];
  const shake = first === 5 ? socks5 : first === 4 ? socks4 : httpConnect;
  const { host, port, said, answer } = await shake(reader, socket, login);
  seen.push({ target: `${host}:${port}`, login: said });
  const target = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  target.on('error', () => socket.destroy());
  await once(target, 'connect');
  socket.write(answer);
  target.write(reader.rest());
  socket.pipe(target).pipe(socket);
}

interface Handshake {
  readonly host: string;
  readonly port: number;
  readonly said: string;
  readonly answer: Uint8Array | string;
}

async function socks5(reader: Reader, socket: Socket, login: string | undefined): Promise<Handshake> {
  await reader.take((await reader.take(1))[0] ?? 0);
  socket.write(Uint8Array.of(5, login === undefined ? 0 : 2));
  let said = '';
  if (login !== undefined) {
    await reader.take(1);
    const user = await reader.take((await reader.take(1))[0] ?? 0);
    const password = await reader.take((await reader.take(1))[0] ?? 0);
    said = `${user}:${password}`;
    socket.write(Uint8Array.of(1, said === login ? 0 : 1));
    if (said !== login) throw new Error('refused');
  }
  await reader.take(4);
  const host = (await reader.take((await reader.take(1))[0] ?? 0)).toString();
  const port = (await reader.take(2)).readUInt16BE();
  // A name as the bound address: its length is the client's to read.
  return { host, port, said, answer: Buffer.from([5, 0, 0, 3, 5, ...Buffer.from('bound'), 0, 80]) };
}

async function socks4(reader: Reader): Promise<Handshake> {
  await reader.take(1);
  const port = (await reader.take(2)).readUInt16BE();
  const address = await reader.take(4);
  const said = await reader.takeUntil('\0');
  const named = address[0] === 0 && address[1] === 0;
  return {
    host: named ? await reader.takeUntil('\0') : address.join('.'),
    port,
    said,
    answer: Uint8Array.of(0, 90, 0, 0, 0, 0, 0, 0),
  };
}

async function httpConnect(reader: Reader): Promise<Handshake> {
  const head = await reader.takeUntil('\r\n\r\n');
  const [, host = '', port = ''] = /^ONNECT (\S+):(\d+) /.exec(head) ?? [];
  const basic = /^Proxy-authorization: Basic (\S+)/im.exec(head)?.[1] ?? '';
  return { host, port: Number(port), said: Buffer.from(basic, 'base64').toString(), answer: 'HTTP/1.0 200 OK\r\n\r\n' };
}
