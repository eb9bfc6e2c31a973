import type { z } from '@katavm/core/schema';
import { nodeMissing, notJenkins } from './failures.js';
import { type NodeSummary, nodeListSchema, nodeListTree, toNodeSummary } from './node-list.js';
import { type NodeState, nodeStateSchema, nodeStateTree, toNodeState } from './node-state.js';
import { queueSchema } from './queue.js';
import { type Answer, type RequestOptions, request } from './request.js';
import type { JenkinsConnection } from './settings.js';

/** The few calls of Jenkins' REST interface that katavm makes. Every failure is a KatavmError. */
export class JenkinsClient {
  constructor(private readonly connection: JenkinsConnection) {}

  get url(): URL {
    return this.connection.url;
  }

  /** @throws KATAVM_JENKINS_NODE_MISSING */
  async nodeState(node: string, options: RequestOptions = {}): Promise<NodeState> {
    const path = `${nodePath(node)}/api/json?tree=${nodeStateTree}`;
    return toNodeState(this.#parse(path, nodeStateSchema, this.#found(node, await this.#get(path, options)).text));
  }

  async listNodes(options: RequestOptions = {}): Promise<NodeSummary[]> {
    const path = `computer/api/json?tree=${nodeListTree}`;
    const { text } = await this.#get(path, options);
    return this.#parse(path, nodeListSchema, text).computer.map(toNodeSummary);
  }

  /** No further build starts there; one that runs goes on. Twice is the same as once. */
  async setOffline(node: string, reason: string, options: RequestOptions = {}): Promise<void> {
    await this.#post(node, `changeOfflineCause?offlineMessage=${encodeURIComponent(reason)}`, { ...options, repeatable: true });
  }

  /** A toggle, so never repeated: read the node before, and after where this throws. */
  async toggleOffline(node: string, options: RequestOptions = {}): Promise<void> {
    await this.#post(node, 'toggleOffline', { ...options, repeatable: false });
  }

  /** Ends the agent's connection; nothing where there is none. */
  async disconnect(node: string, reason: string, options: RequestOptions = {}): Promise<void> {
    await this.#post(node, `doDisconnect?offlineMessage=${encodeURIComponent(reason)}`, { ...options, repeatable: true });
  }

  /** Starts the node's launcher, now. Not repeated: a second one would start a second hook while the first still boots. */
  async launch(node: string, options: RequestOptions = {}): Promise<void> {
    await this.#post(node, 'launchSlaveAgent', { ...options, repeatable: false });
  }

  /** Whether a build waits for an executor, of which node ever. What the user may not see does not count. */
  async hasWaitingBuilds(options: RequestOptions = {}): Promise<boolean> {
    const path = 'queue/api/json?tree=items[buildable]';
    return this.#parse(path, queueSchema, (await this.#get(path, options)).text).items.some(({ buildable }) => buildable);
  }

  /** The node's configuration as XML; `undefined` where there is no such node. */
  async nodeConfig(node: string, options: RequestOptions = {}): Promise<string | undefined> {
    const { status, text } = await this.#get(`${nodePath(node)}/config.xml`, options);
    return status === 404 ? undefined : text;
  }

  async updateNode(node: string, xml: string, options: RequestOptions = {}): Promise<void> {
    const body = { type: 'application/xml; charset=utf-8', text: xml };
    await this.#post(node, 'config.xml', { ...options, repeatable: true, body });
  }

  /** `form` is what the web form for a new permanent agent sends as `json`. */
  async createNode(node: string, form: object, options: RequestOptions = {}): Promise<void> {
    const name = encodeURIComponent(node);
    const path = `computer/doCreateItem?name=${name}&type=hudson.slaves.DumbSlave`;
    const body = { type: 'application/x-www-form-urlencoded', text: `json=${encodeURIComponent(JSON.stringify(form))}` };
    const answer = await this.#send('POST', path, { ...options, repeatable: false, body });
    if (answer.status === 404) throw notJenkins({ method: 'POST', url: this.#at(path) }, 'not found');
  }

  async #post(node: string, call: string, options: SendOptions): Promise<void> {
    this.#found(node, await this.#send('POST', `${nodePath(node)}/${call}`, options));
  }

  #get(path: string, options: RequestOptions): Promise<Answer> {
    return this.#send('GET', path, { ...options, repeatable: true });
  }

  async #send(method: 'GET' | 'POST', path: string, options: SendOptions): Promise<Answer> {
    // Read at every call: a token that is exchanged while a build runs is used from then on.
    const authorization = await this.connection.authorization();
    return request({ ...options, method, url: this.#at(path), authorization });
  }

  #found(node: string, answer: Answer): Answer {
    if (answer.status === 404) throw nodeMissing(node, this.url);
    return answer;
  }

  #parse<T>(path: string, schema: z.ZodType<T>, text: string): T {
    const call = { method: 'GET', url: this.#at(path) } as const;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // A page where JSON was asked for.
      throw notJenkins(call, `it begins with ${JSON.stringify(text.trim().slice(0, 40))}`);
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw notJenkins(call, `${issue?.path.join('.') || 'its JSON'}: ${issue?.message}`);
  }

  #at(path: string): URL {
    return new URL(path, this.url);
  }
}

type SendOptions = RequestOptions & { readonly repeatable: boolean; readonly body?: { type: string; text: string } };

/** encodeURIComponent leaves dots alone, and a URL's `..` is a way up. */
function nodePath(node: string): string {
  return `computer/${/^\.+$/.test(node) ? node.replaceAll('.', '%2E') : encodeURIComponent(node)}`;
}
