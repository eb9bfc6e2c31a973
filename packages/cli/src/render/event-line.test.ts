import type { KatavmEvent } from '@katavm/core';
import { expect, test } from 'vitest';
import { lineOf, progressText } from './event-line.js';

const lines: readonly [KatavmEvent, string | undefined][] = [
  [{ type: 'step', state: 'started', step: 'boot', subject: 'vm-1' }, 'boot vm-1 …'],
  [{ type: 'step', state: 'done', step: 'boot', subject: 'vm-1', milliseconds: 4400 }, 'boot vm-1: done (4.4 s)'],
  [{ type: 'step', state: 'failed', step: 'collect garbage', milliseconds: 90_000 }, 'collect garbage: failed (1 min 30 s)'],
  [{ type: 'notice', level: 'warning', code: 'KATAVM_EMULATED', message: 'slow' }, 'warning: slow'],
  [{ type: 'wait', state: 'ready', requirement: 'the SSH banner', milliseconds: 3100 }, 'waited 3.1 s for the SSH banner'],
  [{ type: 'wait', state: 'ready', requirement: 'the SSH banner', milliseconds: 50 }, undefined],
  [{ type: 'output', source: 'cloud-init', line: 'stage init' }, 'cloud-init: stage init'],
  [{ type: 'output', source: 'mmdebstrap', line: 'I: unpacking' }, undefined],
];

test.each(lines)('%j is told as "%s"', (event, line) => {
  expect(lineOf(event, false)).toBe(line);
});

test('what tools print is shown to those who ask for it', () => {
  expect(lineOf({ type: 'output', source: 'mmdebstrap', line: 'I: unpacking' }, true)).toBe('mmdebstrap: I: unpacking');
});

test('how far a piece of work is has its unit, and its end where one is known', () => {
  const bytes = { type: 'progress', what: 'download', unit: 'bytes', done: 120e6 } as const;
  expect(progressText({ ...bytes, total: 400e6 })).toBe('120 of 400 MB');
  expect(progressText(bytes)).toBe('120 MB');
  expect(progressText({ type: 'progress', what: 'install', unit: 'packages', done: 57 })).toBe('57 packages');
});
