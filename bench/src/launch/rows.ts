import { ExitCode, KatavmError } from '@katavm/core';

/** What can be measured, in the order of the table. */
export const rows = ['original', 'bare', 'cold', 'pooled', 'template', 'at-once', 'delete', 'footprint', 'own-time'] as const;
export type Row = (typeof rows)[number];

/** The values of an option that may be given more than once: `--name VALUE` or `--name=VALUE`. */
export function optionsOf(argv: readonly string[], name: string): readonly string[] {
  return argv.flatMap((word, at) => {
    if (word.startsWith(`${name}=`)) return [word.slice(name.length + 1)];
    return word === name ? [argv[at + 1] ?? ''] : [];
  });
}

/** What `--only NAME[,NAME…]` leaves. */
export function chosenRows(argv: readonly string[]): ReadonlySet<Row> {
  const [only] = optionsOf(argv, '--only');
  if (only === undefined) return new Set(rows);
  const names = only.split(',');
  const unknown = names.find((name) => !rows.some((row) => row === name));
  if (unknown === undefined) return new Set(names as Row[]);
  throw usage(`--only: there is nothing called "${unknown}" to measure`, `there are: ${rows.join(', ')}`);
}

/** What `--rounds COUNT` says; `undefined` leaves it to each row. */
export function chosenRounds(argv: readonly string[]): number | undefined {
  const [rounds] = optionsOf(argv, '--rounds');
  if (rounds === undefined || /^[1-9]\d{0,3}$/.test(rounds)) return rounds === undefined ? undefined : Number(rounds);
  throw usage(`--rounds: "${rounds}" is no number of rounds`, 'give a whole number from 1 on');
}

export function usage(message: string, hint: string): KatavmError {
  return new KatavmError({ code: 'KATAVM_BENCH_USAGE', message, hint, exitCode: ExitCode.usage });
}
