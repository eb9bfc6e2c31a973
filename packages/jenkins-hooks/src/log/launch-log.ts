import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type Emit, ExitCode, isKatavmError, messageOf } from '@katavm/core';
import { fileNameOf } from '../names/file-name-of.js';
import { longLine, shortLine } from './event-line.js';
import type { JavaComplaint } from './java-complaint.js';
import { removeOldLogs } from './old-logs.js';

/** What an agent writes to stderr in the life of a clone is a few KB; one that floods it does not fill the disk. */
const mostAgentBytes = 4 * 1024 ** 2;

export interface LaunchLogInput {
  /** Where the logs are; made if absent. */
  readonly folder: string;
  /** The node's name, or the config's. */
  readonly name: string;
  /** Jenkins shows it in the node's log. */
  readonly stderr: Writable;
}

/**
 * What a launch tells: dated lines on stderr, and the whole story in a file of its own. Neither a full disk nor a closed stderr
 * ends a launch.
 */
export class LaunchLog {
  readonly path: string;
  readonly #name: string;
  readonly #fd: number | undefined;
  #agentBytes = 0;

  constructor(private readonly input: LaunchLogInput) {
    input.stderr.on('error', () => {});
    this.#name = fileNameOf(input.name);
    this.path = join(input.folder, `${this.#name}-${new Date().toISOString().replaceAll(/[-:.]/g, '')}-${process.pid}.log`);
    try {
      mkdirSync(input.folder, { recursive: true, mode: 0o700 });
      this.#fd = openSync(this.path, 'ax', 0o600);
    } catch (error) {
      this.tell(`warning: there is no log of this launch: ${messageOf(error)}`);
    }
  }

  readonly emit: Emit = (event) => {
    const line = shortLine(event);
    if (line === undefined) this.#keep(dated(longLine(event)));
    else this.tell(line);
  };

  /** A line for the node's log, and for the file. */
  tell(text: string): void {
    const lines = dated(text);
    this.#keep(lines);
    if (this.input.stderr.writable) this.input.stderr.write(lines);
  }

  /** A failure: what, why, what next, where the whole story is. A bug brings its stack trace. */
  tellError(error: unknown): void {
    if (!isKatavmError(error)) {
      this.tell(`this is a bug in katavm, please report it: ${error instanceof Error ? error.stack : String(error)}`);
    } else if (error.exitCode === ExitCode.ok) {
      this.tell(error.message);
    } else {
      const cause = error.cause === undefined ? '' : messageOf(error.cause);
      this.tell(`error[${error.code}]: ${error.message}`);
      if (cause !== '' && !error.message.includes(cause)) this.tell(`cause: ${cause}`);
      if (error.hint !== undefined) this.tell(`hint: ${error.hint}`);
    }
    if (this.#fd !== undefined) this.tell(`log: ${this.path}`);
  }

  /** The agent's stderr: to ours, byte for byte, and to the file. */
  agentErrors(complaint?: JavaComplaint): Writable {
    const { stderr } = this.input;
    return new Writable({
      write: (chunk: Buffer, _encoding, callback) => {
        complaint?.see(chunk);
        this.#agentBytes += chunk.length;
        if (this.#agentBytes <= mostAgentBytes) this.#keep(chunk);
        if (stderr.writable) stderr.write(chunk, () => callback());
        else callback();
      },
    });
  }

  /** Keeps a guest's console beside the log. libvirt may have made it readable for root alone. */
  async keepConsole(console: string): Promise<void> {
    const target = this.path.replace(/log$/, 'console.log');
    try {
      await copyFile(console, target);
      this.tell(`the guest's console is kept: ${target}`);
    } catch (error) {
      this.tell(`the guest's console could not be kept: ${messageOf(error)}`);
    }
  }

  /** Removes the logs of this node's launches but the newest ones. */
  async removeOld(): Promise<void> {
    await removeOldLogs(this.input.folder, { node: this.#name });
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }

  #keep(text: string | Buffer): void {
    if (this.#fd === undefined) return;
    try {
      if (typeof text === 'string') writeSync(this.#fd, text);
      else writeSync(this.#fd, text);
    } catch {
      // A full disk: the launch goes on.
    }
  }
}

function dated(text: string): string {
  const time = `${new Date().toISOString().slice(0, 19)}Z`;
  return text
    .split('\n')
    .map((line) => `${time} katavm: ${line}\n`)
    .join('');
}
