import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { consoleTail, followConsole, plainLine } from './console-log.js';

async function newLog(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'katavm-console-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'console.log');
}

describe("a guest's console", () => {
  test('is shown without colours, cursor movements and carriage returns', () => {
    expect(plainLine('\u001b[2J\u001b[01;01H[\u001b[0;32m  OK  \u001b[0m] Started \u001b[0;1;39mssh\u001b[0m.\r')).toBe(
      '[  OK  ] Started ssh.',
    );
  });

  test('cannot send anything to the terminal that its end is shown on', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (line) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be gone
        expect(plainLine(line)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      }),
    );
  });

  test('ends an error with its last lines that say something', async () => {
    const log = await newLog();
    expect(await consoleTail(log)).toBe('');
    await writeFile(log, `${Array.from({ length: 50 }, (_, line) => `line ${line}\r\n\r\n`).join('')}Kernel panic`);
    expect(await consoleTail(log, 3)).toBe('line 48\nline 49\nKernel panic');
  });

  test('is followed from its first line, also when it comes later and in pieces', async () => {
    const log = await newLog();
    const stop = new AbortController();
    const lines: string[] = [];
    const enough = new Promise<void>((resolve) => {
      const onLine = (line: string) => {
        lines.push(line);
        if (lines.length === 1) void appendFile(log, 'cond\r\n');
        if (lines.length === 2) resolve();
      };
      void followConsole(log, onLine, stop.signal);
    });
    await writeFile(log, 'first\r\nse');
    await enough;
    stop.abort();
    expect(lines).toEqual(['first', 'second']);
  });
});
