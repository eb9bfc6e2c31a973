/** One row of `katavm doctor`. */
export interface Finding {
  /** What was looked at: `libvirt connection`. */
  readonly check: string;
  /** `warning`: katavm works, with less. */
  readonly state: 'ok' | 'warning' | 'failed';
  readonly found: string;
  /** The command that mends it; with `warning` and `failed`. */
  readonly mend?: string | undefined;
}

export const ok = (check: string, found: string): Finding => ({ check, state: 'ok', found });
export const warning = (check: string, found: string, mend?: string): Finding => ({ check, state: 'warning', found, mend });
export const failed = (check: string, found: string, mend?: string): Finding => ({ check, state: 'failed', found, mend });
