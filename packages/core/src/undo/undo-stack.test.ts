import { describe, expect, it } from 'vitest';
import { interruptedBy } from '../errors/aborted.js';
import type { KatavmEvent } from '../events/events.js';
import { ignoreEvents } from '../events/events.js';
import { UndoStack, withUndo } from './undo-stack.js';

describe('what was made', () => {
  it('is unmade in reverse order when the work fails, and the failure is what the caller sees', async () => {
    const undone: string[] = [];
    const failure = new Error('disk full');
    const work = withUndo(ignoreEvents, async (undo) => {
      for (const what of ['folder', 'disk', 'domain']) undo.push(what, async () => undone.push(what));
      throw failure;
    });
    await expect(work).rejects.toBe(failure);
    expect(undone).toEqual(['domain', 'disk', 'folder']);
  });

  it('stays when the work succeeds', async () => {
    const undone: string[] = [];
    const result = await withUndo(ignoreEvents, async (undo) => {
      undo.push('folder', async () => undone.push('folder'));
      return 'made';
    });
    expect(result).toBe('made');
    expect(undone).toEqual([]);
  });

  it('is unmade as far as possible when one undo fails, and the user is told which', async () => {
    const undone: string[] = [];
    const events: KatavmEvent[] = [];
    const undo = new UndoStack((event) => events.push(event));
    undo.push('folder', async () => undone.push('folder'));
    undo.push('domain', () => Promise.reject(new Error('libvirt is gone')));
    await undo.unwind();
    expect(undone).toEqual(['folder']);
    expect(events).toEqual([
      expect.objectContaining({
        level: 'warning',
        code: 'KATAVM_UNDO_FAILED',
        message: expect.stringMatching(/"domain".*libvirt is gone/),
      }),
    ]);
  });

  it('is unmade also when a signal ends what unmakes it: signals come once', async () => {
    const events: KatavmEvent[] = [];
    const undo = new UndoStack((event) => events.push(event));
    let tries = 0;
    undo.push('domain', async () => {
      tries += 1;
      if (tries === 1) throw interruptedBy('SIGINT');
    });
    await undo.unwind();
    expect([tries, events]).toEqual([2, []]);
  });

  it('is unmade too when it was made while others were being unmade', async () => {
    const undone: string[] = [];
    const undo = new UndoStack(ignoreEvents);
    undo.push('first', async () => undone.push('first'));
    undo.push('second', async () => undo.push('third', async () => undone.push('third')));
    await undo.unwind();
    expect(undone).toEqual(['third', 'first']);
  });
});
