/** One thing that a step would do. */
export interface PlannedAction {
  readonly action: string;
  /** What it is done to. */
  readonly subject: string;
}

/** What `--dry-run` prints, and nothing is done. */
export interface Plan {
  readonly dryRun: true;
  readonly plan: readonly PlannedAction[];
}

export interface StepOptions {
  readonly dryRun?: boolean | undefined;
}

export function planOf(...actions: readonly (readonly [action: string, subject: string])[]): Plan {
  return { dryRun: true, plan: actions.map(([action, subject]) => ({ action, subject })) };
}

export function isPlan(result: object): result is Plan {
  return 'dryRun' in result;
}
