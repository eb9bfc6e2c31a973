import type { RunResult } from '@katavm/lifecycle';
import type { GlobalOptions } from '../runtime/global-options.js';
import { jsonText } from './output.js';

/** How a run ended: stdout is the guest's, so this goes to stderr, with --json as its last line. */
export function reportRun(result: RunResult, { json }: GlobalOptions): void {
  process.exitCode = result.exitCode;
  if (result.kept)
    process.stderr.write(
      `kept clone ${result.clone}; log in: katavm clone login ${result.clone}; delete: katavm clone delete ${result.clone}\n`,
    );
  if (json) process.stderr.write(`${JSON.stringify(JSON.parse(jsonText(result)))}\n`);
}
