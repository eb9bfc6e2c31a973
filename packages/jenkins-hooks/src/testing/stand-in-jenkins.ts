import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { forbidden, gettingReady, noCrumb, notFound, version, wrongCredentials } from './pages.js';
import { StandInNode } from './stand-in-node.js';

/** How a call can go wrong. `lost`: done, and its answer never comes. `slow`: done late. `half`: the answer stops. */
export type Fault = 'reset' | 'lost' | 'slow' | 'half' | 'endless' | 'unavailable' | 'login' | 'page';

export const user = 'katavm';
export const token = '11aa22bb33cc44dd55ee66ff';

/** The part of Jenkins' REST interface that katavm uses, faults included, on a loopback port. Written from docs/jenkins.md's table. */
export class StandInJenkins {
  readonly nodes = new Map<string, StandInNode>();
  /** `METHOD /path` of every call, without its query. */
  readonly calls: string[] = [];
  /** Called for each request; what it returns goes wrong. */
  fault: (call: string) => Fault | undefined = () => undefined;
  /** What the user is not allowed: parts of a path. */
  forbidden: readonly string[] = [];
  /** The permission that those calls need, as the header says it. */
  permission = 'hudson.model.Computer.Connect';
  /** Builds that wait for an executor. */
  waiting = 1;
  mayReadJobs = true;
  slowMilliseconds = 200;
  readonly created: { readonly name: string; readonly form: unknown }[] = [];
  #server: Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}/jenkins/`;
  }

  /** On the same port after a stop: a restart. */
  async start(): Promise<void> {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  addNode(name: string): StandInNode {
    const node = new StandInNode(name);
    this.nodes.set(name, node);
    return node;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const call = `${request.method} ${decodeURIComponent(url.pathname.replace(/^\/jenkins/, ''))}`;
    this.calls.push(call);
    let body = '';
    for await (const chunk of request) body += chunk;
    const fault = this.fault(call);
    if (fault === 'reset') return void request.socket.destroy();
    if (fault === 'unavailable') return send(response, 503, gettingReady);
    if (fault === 'login') return void response.writeHead(302, { location: 'https://sso.example.org/login?from=x' }).end();
    if (fault === 'half') return void response.writeHead(200, { 'content-length': 100 }).write('{"idle":');
    if (fault === 'endless') return endless(response);
    if (fault === 'page') return send(response, 200, '<html>Welcome to our proxy</html>');
    if (!this.#admits(request, response, call)) return;
    if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, this.slowMilliseconds));
    this.#do(call, url.searchParams, body, fault === 'lost' ? undefined : response);
    if (fault === 'lost') request.socket.destroy();
  }

  #admits(request: IncomingMessage, response: ServerResponse, call: string): boolean {
    const [, credentials = ''] = (request.headers.authorization ?? '').split('Basic ');
    const [name, secret] = Buffer.from(credentials, 'base64').toString().split(':');
    if (name !== user || (secret !== token && secret !== 'password')) {
      send(response, 401, wrongCredentials);
      return false;
    }
    if (secret === 'password' && request.method === 'POST') {
      send(response, 403, noCrumb);
      return false;
    }
    if (this.forbidden.some((part) => call.includes(part))) {
      const headers = { 'x-you-are-authenticated-as': user, 'x-required-permission': this.permission };
      send(response, 403, forbidden(user, 'Agent/Connect'), headers);
      return false;
    }
    return true;
  }

  #do(call: string, query: URLSearchParams, body: string, response: ServerResponse | undefined): void {
    const done = (status: number, text = '') => response && send(response, status, text);
    if (call === 'GET /computer/api/json') {
      done(200, JSON.stringify({ computer: [...this.nodes.values()].map((node) => node.state(this.mayReadJobs)) }));
      return;
    }
    if (call === 'GET /queue/api/json') {
      const items = Array.from({ length: this.waiting }, () => ({ _class: 'hudson.model.Queue$BuildableItem', buildable: true }));
      return void done(200, JSON.stringify({ _class: 'hudson.model.Queue', items }));
    }
    if (call === 'POST /computer/doCreateItem') {
      const name = query.get('name') ?? '';
      this.created.push({ name, form: JSON.parse(new URLSearchParams(body).get('json') ?? '') });
      this.addNode(name);
      done(302);
      return;
    }
    const [, name = '', verb = ''] = /^\w+ \/computer\/([^/]+)\/(.+)$/.exec(call) ?? [];
    const node = this.nodes.get(name);
    if (!node) return void done(404, notFound);
    done(...this.#onNode(node, `${call.split(' ')[0]} ${verb}`, query, body));
  }

  #onNode(node: StandInNode, verb: string, query: URLSearchParams, body: string): [number, string?] {
    switch (verb) {
      case 'GET api/json':
        return [200, JSON.stringify(node.state(this.mayReadJobs))];
      case 'GET config.xml':
        return [200, node.config];
      case 'POST config.xml':
        node.config = body;
        return [200];
      case 'POST changeOfflineCause':
        node.mark(query.get('offlineMessage') ?? '');
        return [302];
      case 'POST toggleOffline':
        node.toggle();
        return [302];
      case 'POST doDisconnect':
        node.disconnect(query.get('offlineMessage') ?? '');
        return [302];
      case 'POST launchSlaveAgent':
        node.launch();
        return [302];
      default:
        return [404, notFound];
    }
  }
}

function send(response: ServerResponse, status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
  const type = text.startsWith('{') ? 'application/json;charset=utf-8' : 'text/html;charset=utf-8';
  const own = { 'content-type': type, 'x-jenkins': version, 'x-content-type-options': 'nosniff' };
  response.writeHead(status, { ...own, ...headers, ...(status === 302 && { location: '.' }) }).end(text);
}

function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(1024 ** 2, ' ');
  // The callback's error, not `response.destroyed`: from Node 24 on that is false after the connection has ended, until its turn comes,
  // which a callback that writes again at once never lets come.
  const more = (error?: Error | null) => {
    if (!error) response.write(chunk, more);
  };
  more();
}
