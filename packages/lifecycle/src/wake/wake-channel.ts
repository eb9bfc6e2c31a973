import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { abortReason, KatavmError, messageOf, throwIfAborted } from '@katavm/core';

/** What the guest answers to one message: its own clock, in milliseconds since 1970. */
export interface WakeAnswer {
  readonly guestTimeMilliseconds: number;
}

/** Lines `KEY VALUE`, as guest/wake.py reads them. */
export type WakeMessage = Readonly<Record<string, string>>;

/** The host's end of a clone's virtio port: QEMU listens, and tells the guest when the host is there and when it has gone. */
export class WakeChannel {
  readonly #socket: Socket;
  readonly #chunks: AsyncIterator<Buffer>;
  #received = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#chunks = socket[Symbol.asyncIterator]();
  }

  /** @throws KATAVM_WAKE_FAILED where nobody listens. */
  static async open(path: string, signal: AbortSignal): Promise<WakeChannel> {
    throwIfAborted(signal);
    const socket = connect(path);
    signal.addEventListener('abort', () => socket.destroy(abortReason(signal) as Error), { once: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (error) => reject(signal.aborted ? error : wakeFailed(`${path}: ${messageOf(error)}`)));
    });
    return new WakeChannel(socket);
  }

  /**
   * Sends one message and returns the guest's answer to it. What was sent to a guest that is not there yet waits for it.
   *
   * @param onReachable Called when an SSH connection meets nothing any more that its image shares; a wake agent of an older katavm
   * does not tell.
   * @throws KATAVM_WAKE_FAILED in the guest's words, or where the guest's end was closed.
   */
  async ask(message: WakeMessage, onReachable?: () => void): Promise<WakeAnswer> {
    const id = randomUUID();
    const lines = Object.entries({ id, ...message }).map(([key, value]) => `${key} ${value}\n`);
    this.#socket.write(`${lines.join('')}end\n`);
    for (;;) {
      const [verdict, of, ...rest] = (await this.#line()).split(' ');
      if (of !== id) continue; // an answer to somebody who has hung up before it came
      if (verdict === 'reachable') {
        onReachable?.();
        continue;
      }
      if (verdict === 'done') return { guestTimeMilliseconds: Number(rest[0]) * 1000 };
      throw wakeFailed(rest.join(' '));
    }
  }

  /** Hangs up. After a wake, the guest's agent ends then. */
  close(): void {
    this.#socket.destroy();
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#received.indexOf('\n');
      if (end >= 0) {
        const line = this.#received.slice(0, end);
        this.#received = this.#received.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#chunks.next();
      if (done) throw wakeFailed('the guest’s end of the channel was closed');
      this.#received += value.toString('utf8');
    }
  }
}

function wakeFailed(why: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_WAKE_FAILED',
    message: `the guest could not be woken: ${why}`,
    hint: 'a master that an older katavm built has no wake agent: build it again; otherwise look at the guest’s console',
  });
}
