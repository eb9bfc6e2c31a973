import { ExitCode, KatavmError } from '@katavm/core';

/** What can be measured, in the order of the table. */
export const rows = ['original', 'bare', 'cold', 'pooled', 'template', 'at-once', 'delete', 'footprint', 'own-time'] as const;
export type Row = (typeof rows)[number];

/** What `--only NAME[,NAME…]` leaves. */
export function chosenRows(argv: readonly string[]): ReadonlySet<Row> {
  const at = argv.findIndex((word) => word === '--only' || word.startsWith('--only='));
  if (at < 0) return new Set(rows);
  const names = (argv[at]?.slice('--only='.length) || argv[at + 1] || '').split(',');
  const unknown = names.find((name) => !rows.some((row) => row === name));
  if (unknown === undefined) return new Set(names as Row[]);
  throw new KatavmError({
    code: 'KATAVM_BENCH_USAGE',
    message: `--only: there is nothing called "${unknown}" to measure`,
    hint: `there are: ${rows.join(', ')}`,
    exitCode: ExitCode.usage,
  });
}
