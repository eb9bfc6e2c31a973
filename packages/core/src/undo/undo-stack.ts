import { messageOf } from '../errors/describe.js';
import { hasCode } from '../errors/katavm-error.js';
import type { Emit } from '../events/events.js';

interface Undo {
  readonly what: string;
  readonly run: () => Promise<unknown>;
}

/**
 * What has to be undone if the work fails. Whoever creates something pushes its undo first, since a failure or a
 * signal can come between the creation and the push; an undo must therefore succeed when there is nothing to undo.
 */
export class UndoStack {
  readonly #undos: Undo[] = [];

  constructor(private readonly emit: Emit) {}

  push(what: string, run: () => Promise<unknown>): void {
    this.#undos.push({ what, run });
  }

  /** How much there is to undo: what is pushed from here on, `unwind` can undo by itself. */
  get height(): number {
    return this.#undos.length;
  }

  /** Keeps what was made. */
  forget(): void {
    this.#undos.length = 0;
  }

  /** Undoes everything above this height, last first. One that fails is told as a notice and does not stop the others. */
  async unwind(height = 0): Promise<void> {
    while (this.#undos.length > height) {
      const undo = this.#undos.pop() as Undo;
      try {
        await undo.run().catch(againIfInterrupted(undo));
      } catch (error) {
        const message = `could not undo "${undo.what}": ${messageOf(error)}; "katavm gc" removes what is left`;
        this.emit({ type: 'notice', level: 'warning', code: 'KATAVM_UNDO_FAILED', message });
      }
    }
  }
}

/**
 * A signal ends what waits at that moment, and that can be an undo: a clone that is being deleted when its work is done. Signals
 * abort once, so that the second run waits undisturbed.
 */
function againIfInterrupted(undo: Undo): (error: unknown) => Promise<unknown> {
  return (error) => {
    if (hasCode(error, 'KATAVM_INTERRUPTED')) return undo.run();
    throw error;
  };
}

/** Runs `work` with an undo stack: unwound if it throws, forgotten if it returns. */
export async function withUndo<T>(emit: Emit, work: (undo: UndoStack) => Promise<T>): Promise<T> {
  const undo = new UndoStack(emit);
  try {
    const result = await work(undo);
    undo.forget();
    return result;
  } catch (error) {
    await undo.unwind();
    throw error;
  }
}
