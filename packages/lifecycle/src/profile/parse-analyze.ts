import { parseSpan } from './parse-span.js';

/** Seconds of each part of a boot; those that this machine does not have are absent. */
export interface BootTime {
  readonly firmware?: number;
  readonly loader?: number;
  readonly kernel?: number;
  readonly initrd?: number;
  readonly userspace?: number;
  readonly total: number;
}

/** A unit of the critical chain; it waited for those that follow it. Seconds. */
export interface ChainLink {
  readonly unit: string;
  /** When it was there, from the start of userspace. */
  readonly at: number | undefined;
  /** How long its own start took. */
  readonly took: number | undefined;
}

export interface SlowUnit {
  readonly unit: string;
  readonly seconds: number;
}

/** `systemd-analyze time`: `Startup finished in 7.783s (kernel) + 1min 2.082s (userspace) = 1min 9.865s`. */
export function parseBootTime(text: string): BootTime {
  const [, parts = '', total] = /Startup finished in (.*) = (.*?)\s*$/m.exec(text) ?? [];
  if (total === undefined) throw new Error(`systemd-analyze gives no time: ${text.trim()}`);
  const named = [...parts.matchAll(/([\d.a-z ]+) \((\w+)\)/g)].map(([, span = '', name = '']) => [name, parseSpan(span)]);
  return { ...Object.fromEntries(named), total: parseSpan(total) };
}

/**
 * `systemd-analyze critical-chain [UNIT]`: `└─docker.service @35.360s +26.048s`, below two lines that explain it. Where the locale is
 * not UTF-8, the tree is drawn as `` `- ``.
 */
export function parseCriticalChain(text: string): ChainLink[] {
  const row = /^[\s│├└─|`-]*([\w@.\\:-]+\.[a-z]+)(?: @([\d.a-z ]+?))?(?: \+([\d.a-z ]+?))?\s*$/;
  return text.split('\n').flatMap((line) => {
    const [, unit, at, took] = row.exec(line) ?? [];
    return unit === undefined ? [] : [{ unit, at: at && parseSpan(at), took: took && parseSpan(took) } as ChainLink];
  });
}

/** `systemd-analyze blame`: `1min 26.048s docker.service`, the slowest first. */
export function parseBlame(text: string): SlowUnit[] {
  return [...text.matchAll(/^\s*([\d.]+[a-z]+(?: [\d.]+[a-z]+)*) (\S+)\s*$/gm)].map(([, span = '', unit = '']) => ({
    unit,
    seconds: parseSpan(span),
  }));
}

/** `systemctl list-unit-files --state=enabled`: the units that somebody has switched on, and can switch off. */
export function parseEnabledUnits(text: string): string[] {
  return [...text.matchAll(/^(\S+)\s+enabled\b/gm)].map(([, unit = '']) => unit);
}
