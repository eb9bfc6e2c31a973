import { once } from 'node:events';
import { type RunningProcess, start } from '@katavm/core';
import { timed } from '../measure.js';

/** What the far end runs: it takes a line of shell text at a time from its stdin, whose rest that text may read. */
export const farEnd = 'while read -r line; do eval "$line"; done';

const chunk = Buffer.alloc(256 * 1024, 'katavm bench\n');

/** A program whose stdin and stdout lead to a shell on the other side of an SSH connection. */
export class Session {
  readonly #process: RunningProcess;
  #received = 0;
  #log = '';

  constructor(command: string, args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}) {
    this.#process = start(command, args, { env });
    this.#process.stdout.on('data', (data: Buffer) => {
      this.#received += data.length;
    });
    this.#process.stderr.on('data', (text) => {
      this.#log += String(text);
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  get log(): string {
    return this.#log;
  }

  /** Until the far end answers. */
  async ready(): Promise<void> {
    await this.#receive(6, () => this.#process.stdin.write('echo ready\n'));
  }

  /** MB/s from here to the far end. */
  async upload(bytes: number): Promise<number> {
    const milliseconds = await timed(() => this.#receive(1, () => void this.#send(`head -c ${bytes} >/dev/null; echo\n`, bytes)));
    return bytes / 1000 / milliseconds;
  }

  /** MB/s from the far end to here. */
  async download(bytes: number): Promise<number> {
    const milliseconds = await timed(() =>
      this.#receive(bytes, () => void this.#process.stdin.write(`head -c ${bytes} /dev/zero\n`)),
    );
    return bytes / 1000 / milliseconds;
  }

  /** Milliseconds of each of so many round trips of 16 bytes, through a `dd`: what it reads it writes at once. */
  async roundTrips(count: number): Promise<number[]> {
    const sent = Buffer.alloc(16, 'x');
    this.#process.stdin.write(`dd bs=${sent.length} count=${count + 1} 2>/dev/null\n`);
    const samples: number[] = [];
    for (let trip = 0; trip <= count; trip++) {
      samples.push(await timed(() => this.#receive(sent.length, () => void this.#process.stdin.write(sent))));
    }
    return samples.slice(1);
  }

  async end(): Promise<void> {
    this.#process.stdin.end();
    await this.#process.ended;
  }

  async #receive(bytes: number, begin: () => void): Promise<void> {
    const target = this.#received + bytes;
    begin();
    const died = this.#process.ended.then(() => Promise.reject(new Error(`the session ended:\n${this.#log}`)));
    died.catch(() => {}); // it ends some day
    while (this.#received < target) await Promise.race([once(this.#process.stdout, 'data'), died]);
  }

  async #send(line: string, bytes: number): Promise<void> {
    const { stdin } = this.#process;
    stdin.write(line);
    for (let sent = 0; sent < bytes; sent += chunk.length) {
      if (!stdin.write(chunk.subarray(0, Math.min(chunk.length, bytes - sent)))) await once(stdin, 'drain');
    }
  }
}
