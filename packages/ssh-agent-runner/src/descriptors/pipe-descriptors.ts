import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { abortReason, exec, type KatavmError, type RunningProcess, start, throwIfAborted } from '@katavm/core';
import type { CommandEnd, Descriptors, PipedCommand, PipeOptions } from '../adapter.js';
import { run } from '../command/run.js';
import type { Connection } from '../connection/connection.js';
import { clientFailed, guestLost } from '../connection/failures.js';
import { Marks, markedCommand } from './marks.js';
import { sshArguments } from './ssh-arguments.js';

export type DescriptorOptions = Pick<PipeOptions, 'stderr' | 'signal'> & { readonly descriptors: Descriptors };

/** A guest that has just taken the session's connection takes another in seconds, or is lost. */
const beginTimeoutMilliseconds = 60_000;

const neededPrograms = [
  ['ssh', '-V'],
  ['setpriv', '--version'],
  ['bash', '--version'],
] as const;

/**
 * Runs a command on descriptors of this process: OpenSSH's client gets them, over a connection of its own, so that no byte of
 * stdin and stdout goes through Node (docs/decisions/openssh-for-descriptors.md). stderr does: it carries the marks.
 *
 * @throws KATAVM_GUEST_LOST, KATAVM_SSH_CLIENT_FAILED, KATAVM_COMMAND_MISSING, KATAVM_INTERRUPTED
 */
export async function pipeDescriptors(connection: Connection, text: string, options: DescriptorOptions): Promise<PipedCommand> {
  const { descriptors, stderr, signal } = options;
  throwIfAborted(signal);
  const nonce = randomBytes(12).toString('hex');
  const marks = new Marks(nonce);
  const client = start('ssh', sshArguments(connection.input, markedCommand(text, nonce)), {
    // A guest that shares two processors of the host with it sends 1.07 times as much (`tools/bench agent`).
    batch: true,
    shielded: true,
    diesWithUs: true,
    ...descriptors,
  });
  const begun = new Begun();
  const ended = follow(connection, { client, marks, stderr, begun });
  ended.catch(() => {}); // whoever waits for it still gets the rejection

  const sendSignal = (name: string) => {
    const command = `kill -s ${name} -- -${marks.begun}`;
    run(connection, command).catch(() => {}); // it has ended, or its end tells that the guest is lost
  };
  const abort = () => {
    if (marks.begun !== undefined) sendSignal('TERM');
    client.kill();
  };
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  const whole = ended
    .catch((error) => {
      throw signal?.aborted ? abortReason(signal) : error;
    })
    .finally(() => signal?.removeEventListener('abort', abort));
  whole.catch(() => {}); // whoever waits for it still gets the rejection
  await Promise.race([begun.promise, whole]);
  return { ended: whole, sendSignal, traffic: { inputEnded: client.inputEnded, bytesMoved: moved(client.pid) } };
}

class Begun {
  tell = () => {};
  readonly promise = new Promise<void>((resolve) => {
    this.tell = resolve;
  });
}

interface Followed {
  readonly client: RunningProcess;
  readonly marks: Marks;
  readonly stderr: Writable;
  readonly begun: Begun;
}

async function follow(connection: Connection, { client, marks, stderr, begun }: Followed): Promise<CommandEnd> {
  void connection.closed.then(() => client.kill());
  const timer = setTimeout(() => client.kill(), beginTimeoutMilliseconds);
  const drop = () => {}; // the rest of stderr is dropped where nobody reads it
  stderr.on('error', drop);
  try {
    for await (const chunk of client.stderr) {
      await write(stderr, marks.take(chunk as Buffer));
      if (marks.begun === undefined) continue;
      clearTimeout(timer);
      begun.tell();
    }
    await write(stderr, marks.rest());
    const { exitCode, failure } = await client.ended;
    if (marks.begun === undefined) throw await notBegun(connection, failure);
    // 255 is the client's own: the connection ended before the command's end was told.
    if (exitCode !== undefined && exitCode !== 255) return { exitCode: marks.ended ?? exitCode, signal: undefined };
    throw guestLost(connection.address, 'a command ran', connection.cause() ?? failure);
  } finally {
    clearTimeout(timer);
    if (!stderr.errored) stderr.off('error', drop);
  }
}

/** Where the session's own connection stands, it is the client on this host that failed, and not the guest. */
async function notBegun(connection: Connection, failure: string | undefined): Promise<KatavmError> {
  if (connection.isClosed()) return guestLost(connection.address, 'starting a command', connection.cause() ?? failure);
  for (const [program, option] of neededPrograms) await exec(program, [option]); // says best that there is none
  return clientFailed(connection.address, failure);
}

/** Resolves when the sink has taken the bytes, or is gone. */
function write(sink: Writable, bytes: Buffer): Promise<void> {
  if (bytes.length === 0 || !sink.writable) return Promise.resolve();
  return new Promise((resolve) => sink.write(bytes, () => resolve()));
}

/** What a process has read and written, as the kernel counts it. */
function moved(pid: number): () => number {
  let last = 0;
  return () => {
    try {
      const [, read, written] = /^rchar: (\d+)\nwchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8')) ?? [];
      last = Number(read) + Number(written);
    } catch {
      // it has ended
    }
    return last;
  };
}
