import type { Readable } from 'node:stream';

/** Jenkins sends its preamble, under 1 KB, at once, and then waits for the agent's. */
const mostHeldBytes = 1024 ** 2;

/**
 * What comes on stdin while there is no agent yet. It is read, since only a reader sees its end: Jenkins that has gone before
 * the agent ran.
 */
export class HeldInput {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(
    private readonly stdin: Readable,
    private readonly onEnd: () => void,
  ) {
    stdin.on('data', this.#hold).on('end', onEnd).on('close', onEnd).on('error', onEnd);
  }

  /** Gives the stream back, as if nothing had been read of it. */
  release(): Readable {
    const { stdin } = this;
    const held = this.#letGo();
    if (held.length > 0 && !stdin.readableEnded) stdin.unshift(held);
    return stdin;
  }

  /**
   * Closes the stream and returns what was read of it: another reads the descriptor from now on. Node leaves descriptor 0 itself open
   * (uv__stream_close).
   */
  handOver(): Buffer {
    const held = this.#letGo();
    const { stdin } = this;
    // By its length: without one, Node 26 gives the first of several chunks alone.
    const rest = (stdin.read(stdin.readableLength) as Buffer | null) ?? Buffer.alloc(0);
    stdin.destroy();
    return Buffer.concat([held, rest]);
  }

  #letGo(): Buffer {
    const { stdin, onEnd } = this;
    stdin.off('data', this.#hold).off('end', onEnd).off('close', onEnd).pause();
    return Buffer.concat(this.#chunks);
  }

  readonly #hold = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > mostHeldBytes) this.stdin.pause();
  };
}
