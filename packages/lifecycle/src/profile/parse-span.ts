const secondsPer: Readonly<Record<string, number>> = { us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600 };

/** systemd's way to write a time, `1min 2.082s` or `888ms`, in seconds. @throws for anything else. */
export function parseSpan(text: string): number {
  const words = text.trim().split(/\s+/);
  return words.reduce((sum, word) => {
    const [, count, unit = ''] = /^([\d.]+)(us|ms|s|min|h)$/.exec(word) ?? [];
    const factor = secondsPer[unit];
    if (count === undefined || factor === undefined) throw new Error(`"${text}" is not a time as systemd writes it`);
    return sum + Number(count) * factor;
  }, 0);
}
