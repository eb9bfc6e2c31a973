import type { LaunchTiming, RunResult } from '@katavm/lifecycle';
import type { GlobalOptions } from '../runtime/global-options.js';
import { jsonText } from './output.js';
import { table } from './table.js';

/** How a run ended: stdout is the guest's, so this goes to stderr, with --json as its last line. */
export function reportRun(result: RunResult, { json }: GlobalOptions): void {
  process.exitCode = result.exitCode;
  if (result.kept)
    process.stderr.write(
      `kept clone ${result.clone}; log in: katavm clone login ${result.clone}; delete: katavm clone delete ${result.clone}\n`,
    );
  if (result.timings && !json) process.stderr.write(`${timingsTable(result.timings)}\n`);
  if (json) process.stderr.write(`${JSON.stringify(JSON.parse(jsonText(result)))}\n`);
}

/** Where a launch's time went. */
function timingsTable(timings: readonly LaunchTiming[]): string {
  const total = timings.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rows = [...timings, { part: 'all of it', milliseconds: total }];
  return table(
    ['part', 'seconds'],
    rows.map(({ part, milliseconds }) => [part, (milliseconds / 1000).toFixed(3).padStart(8)]),
  );
}
