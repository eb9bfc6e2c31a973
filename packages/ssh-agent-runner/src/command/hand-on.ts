import type { Readable, Writable } from 'node:stream';

export interface HandingOn {
  /** Resolves when the source has ended and the sink has taken every byte, or is gone. */
  readonly done: Promise<void>;
  /** Resolves only if the sink is gone before that: with its error, or with `undefined` if it was ended. */
  readonly sinkGone: Promise<Error | undefined>;
  /** Lets go of the sink; what the source still brings is dropped. */
  letGo(): void;
}

/**
 * Hands everything that a channel's stream brings to a sink, byte for byte. There is no pausing here: `handedOn` is told of
 * the bytes that the sink has taken, and the guest sends no more than those and one window (see meterWindow).
 * The sink stays the caller's: it is neither ended nor destroyed.
 */
export function handOn(source: Readable, sink: Writable, handedOn: (bytes: number) => void): HandingOn {
  let pending = 0;
  let gone = false;
  let ended = false;
  let finish = () => {};
  let tellGone = (_: Error | undefined) => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const sinkGone = new Promise<Error | undefined>((resolve) => {
    tellGone = resolve;
  });

  const settle = () => {
    if (ended && (gone || pending === 0)) finish();
  };
  const drop = () => {
    gone = true;
    settle();
  };
  const onSinkGone = (error = sink.errored ?? undefined) => {
    drop();
    tellGone(error);
  };
  const onData = (chunk: Buffer) => {
    if (!gone && !sink.writable) onSinkGone();
    if (gone) return handedOn(chunk.length);
    pending += chunk.length;
    sink.write(chunk, (error) => {
      pending -= chunk.length;
      handedOn(chunk.length);
      if (error) onSinkGone(error);
      settle();
    });
  };
  const onClose = () => onSinkGone();

  sink.on('error', onSinkGone).on('close', onClose);
  source.on('data', onData).once('end', () => {
    ended = true;
    settle();
  });

  const letGo = () => {
    drop();
    sink.off('close', onClose);
    // A failed sink's `error` event comes after its write callback; without a listener it would end the process.
    if (!sink.errored) sink.off('error', onSinkGone);
  };
  return { done, sinkGone, letGo };
}
