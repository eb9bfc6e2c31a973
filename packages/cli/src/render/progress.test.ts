import type { KatavmEvent } from '@katavm/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PlainProgress } from './plain-progress.js';
import { TtyProgress } from './tty-progress.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const boot = { type: 'step', step: 'boot', subject: 'vm-1' } as const;
const bytes = (done: number): KatavmEvent => ({ type: 'progress', what: 'download', unit: 'bytes', done, total: 400e6 });

describe('progress without a terminal', () => {
  test('is one line an event, with the time since the start', () => {
    const written: string[] = [];
    const progress = new PlainProgress((text) => written.push(text), false);
    progress.emit({ ...boot, state: 'started' });
    vi.advanceTimersByTime(12_300);
    progress.emit({ ...boot, state: 'done', milliseconds: 12_300 });
    expect(written).toEqual(['[   0.0s] boot vm-1 …\n', '[  12.3s] boot vm-1: done (12.3 s)\n']);
  });

  test('does not fill a log with the bytes of a download', () => {
    const written: string[] = [];
    const progress = new PlainProgress((text) => written.push(text), false);
    for (let second = 0; second < 25; second++) {
      progress.emit(bytes(second * 1e6));
      vi.advanceTimersByTime(1000);
    }
    expect(written).toEqual(['[  10.0s] download: 10 of 400 MB\n', '[  20.0s] download: 20 of 400 MB\n']);
  });
});

describe('progress on a terminal', () => {
  /** What the screen shows after these bytes: a carriage return and ESC[2K empty the last line. */
  const screen = (written: readonly string[]) =>
    written
      .join('')
      .split('\n')
      .map((line) => line.split('\r\u001b[2K').at(-1));

  test('says what runs, since when and how far it is, below what has ended', () => {
    const written: string[] = [];
    const progress = new TtyProgress((text) => written.push(text), false);
    progress.emit({ type: 'notice', level: 'warning', code: 'KATAVM_EMULATED', message: 'slow' });
    progress.emit({ ...boot, state: 'started' });
    progress.emit(bytes(120e6));
    vi.advanceTimersByTime(2000);
    expect(screen(written)).toEqual(['  warning: slow', '… boot vm-1 · 120 of 400 MB · 2.0 s']);
    progress.emit({ ...boot, state: 'done', milliseconds: 2000 });
    progress.close();
    expect(screen(written)).toEqual(['  warning: slow', '✓ boot vm-1: done (2.0 s)', '']);
  });

  test('leaves an empty line behind when it ends in the middle of something', () => {
    const written: string[] = [];
    const progress = new TtyProgress((text) => written.push(text), false);
    progress.emit({ ...boot, state: 'started' });
    progress.close();
    vi.advanceTimersByTime(10_000);
    expect(screen(written)).toEqual(['']);
  });
});
