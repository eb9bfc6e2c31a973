import { setMaxListeners } from 'node:events';
import { ExitCode, interruptedBy, isKatavmError } from '@katavm/core';
import type { Measure } from './measure.js';

export interface Bench {
  readonly signal: AbortSignal;
  /** Tells on stderr what is being done: some benchmarks take minutes. */
  readonly say: (line: string) => void;
  /** Shown also where the rest fails: half an hour's measures are not lost with the last one. */
  readonly measured: Measure[];
}

/** Runs a benchmark as a program: one table, or with `--json` one object, on stdout; exit code 1 when a goal is missed. */
export async function runBench(bench: (bench: Bench) => Promise<readonly Measure[]>): Promise<void> {
  const abort = new AbortController();
  setMaxListeners(0, abort.signal); // one for each guest that runs at once
  // `once` would be taken off before it is called, and signal-exit, which then hears of the signal alone, end the process at once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort(interruptedBy(signal)));
  const measured: Measure[] = [];
  try {
    const measures = await bench({ signal: abort.signal, say: (line) => process.stderr.write(`${line}\n`), measured });
    show(measures);
    process.exitCode = measures.some(({ met }) => met === false) ? ExitCode.failed : ExitCode.ok;
  } catch (error) {
    if (measured.length > 0) show(measured);
    if (!isKatavmError(error)) throw error;
    process.stderr.write(`error[${error.code}]: ${error.message}\n${error.hint ? `hint: ${error.hint}\n` : ''}`);
    process.exitCode = error.exitCode;
  }
}

function show(measures: readonly Measure[]): void {
  process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify({ measures })}\n` : table(measures));
}

function table(measures: readonly Measure[]): string {
  const head = ['', 'median', 'min', 'max', 'unit', 'goal', ''];
  const rows = measures.map(({ name, median, min, max, unit, goal, met }) => [
    name,
    ...[median, min, max].map(String),
    unit,
    goal ?? '',
    met === null ? '' : met ? 'met' : 'MISSED',
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
