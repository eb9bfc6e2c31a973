import { Duplex } from 'node:stream';

type Callback = (error?: Error | null) => void;

/** How much waits here at most before the guest has to wait: one SSH window's worth is on its way besides (2 MiB in ssh2). */
const bufferBytes = 256 * 1024;

/**
 * Holds what is written, in order, until it is handed on. A batch is all that had arrived when the previous one went: Node gathers
 * it while a batch is held, and holds the writer up when that grows too much.
 */
export class HeldBytes extends Duplex {
  #batch: { readonly chunks: readonly Buffer[]; readonly done: Callback } | undefined;
  #readerWants: (() => void) | undefined;
  #arrived: (() => void) | undefined;
  #forGood = false;

  constructor() {
    super({ writableHighWaterMark: bufferBytes, readableHighWaterMark: bufferBytes, decodeStrings: true });
  }

  /** Resolves when a batch is held, or at `wake`. One caller at a time. */
  arrived(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#batch) resolve();
      else this.#arrived = resolve;
    });
  }

  wake(): void {
    const arrived = this.#arrived;
    this.#arrived = undefined;
    arrived?.();
  }

  /** Hands the held batch on; what comes later is held. */
  pass(): void {
    const batch = this.#batch;
    this.#batch = undefined;
    if (batch) this.#handOn(batch.chunks, batch.done);
  }

  /** Hands everything on, from now on. */
  passForGood(): void {
    this.#forGood = true;
    this.pass();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Callback): void {
    this.#take([chunk], done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: Callback): void {
    this.#take(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  override _read(): void {
    const wants = this.#readerWants;
    this.#readerWants = undefined;
    wants?.();
  }

  override _final(done: Callback): void {
    this.push(null);
    done();
  }

  #take(chunks: readonly Buffer[], done: Callback): void {
    if (this.#forGood) {
      this.#handOn(chunks, done);
      return;
    }
    this.#batch = { chunks, done };
    this.wake();
  }

  #handOn(chunks: readonly Buffer[], done: Callback): void {
    let wanted = true;
    for (const chunk of chunks) wanted = this.push(chunk);
    if (wanted) done();
    else this.#readerWants = done;
  }
}
