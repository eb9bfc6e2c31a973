import { PassThrough } from 'node:stream';
import { createGate, type Gate } from '../../src/gate/index.js';
import { JenkinsClient } from '../../src/rest/jenkins-client.js';
import type { JenkinsConnection } from '../../src/rest/settings.js';
import type { StandInNode } from '../../src/testing/index.js';

let clones = 0;

/**
 * What a hook and its clone are to Jenkins: an agent that answers each question, through a gate, and is gone when the gate or
 * Jenkins says so. Its clone's number stands in each answer.
 */
export class Session {
  readonly clone = ++clones;
  readonly served = new Set<string>();
  /** Settles when the hook has ended. */
  readonly ended: Promise<void>;
  failure: unknown;
  readonly #agent = new PassThrough();
  #waiting: { answer: string; resolve: () => void; reject: (error: Error) => void }[] = [];
  #end!: () => void;
  readonly #told = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  constructor(
    private readonly node: StandInNode,
    connection: JenkinsConnection,
    private readonly folder: string,
  ) {
    node.onDisconnect = () => this.#end();
    this.ended = this.#run(new JenkinsClient(connection)).catch((error) => {
      this.failure = error;
    });
  }

  /** Jenkins asks, the clone answers at once, and the answer has to come through the gate. */
  ask(build: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const answer = `${this.clone} ${build} ${Math.random()}\n`;
      this.#waiting.push({ answer, resolve: () => this.#got(build, resolve), reject });
      this.#agent.write(answer);
    });
  }

  #got(build: string, resolve: () => void): void {
    if (build !== 'setup') this.served.add(build);
    resolve();
  }

  async #run(client: JenkinsClient): Promise<void> {
    const gate = await createGate({ client, node: this.node.name, folder: this.folder });
    this.#agent.pipe(gate.agentToController);
    this.#read(gate);
    void this.#setUp();
    try {
      await Promise.race([gate.finished, this.#told]);
    } catch (error) {
      this.failure = error;
    }
    this.#agent.destroy();
    gate.agentToController.destroy();
    for (const { reject } of this.#waiting) reject(new Error('the channel is closed'));
    this.node.disconnect('java.io.EOFException');
    await gate.afterBuild();
  }

  /** The channel's set-up: some questions of Jenkins' own, then the node is online. */
  async #setUp(): Promise<void> {
    for (let call = 0; call < 5; call++) await this.ask('setup');
    this.node.connect();
  }

  #read(gate: Gate): void {
    let text = '';
    gate.agentToController.on('data', (chunk: Buffer) => {
      text += chunk;
      for (;;) {
        const [first] = this.#waiting;
        if (!first || text.length < first.answer.length) return;
        if (!text.startsWith(first.answer)) throw new Error('bytes were lost or moved');
        text = text.slice(first.answer.length);
        this.#waiting = this.#waiting.slice(1);
        first.resolve();
      }
    });
  }
}
