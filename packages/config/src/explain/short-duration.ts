const units: readonly (readonly [string, number])[] = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

/** `30m`, `90s`, `1500ms`: what `parseDuration` reads back as the same number. */
export function shortDuration(milliseconds: number): string {
  const unit = units.find(([, factor]) => milliseconds % factor === 0);
  return unit ? `${milliseconds / unit[1]}${unit[0]}` : `${milliseconds}ms`;
}
