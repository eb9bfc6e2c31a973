import type { StartMode } from '@katavm/config';
import { messageOf } from '@katavm/core';
import type { Context } from '../context/context.js';
import type { CloneRecord } from '../state/clone-record.js';
import { writeRunRecord } from '../state/run-record.js';
import type { LaunchTiming } from '../timings/launch-clock.js';

export interface RunFacts {
  readonly record: CloneRecord;
  readonly start: StartMode;
  readonly began: Date;
  readonly exitCode: number | undefined;
  readonly kept: boolean;
  readonly timings: readonly LaunchTiming[];
}

/** Leaves a record of the run. That it cannot be written is no reason for the run to fail. */
export async function recordRun({ state, emit, owner }: Context, facts: RunFacts): Promise<void> {
  const { record, start, began, exitCode = null, kept, timings } = facts;
  const { name: clone, config, generation } = record;
  const dates = { began: began.toISOString(), ended: new Date().toISOString() };
  try {
    await writeRunRecord(state, {
      version: 1,
      clone,
      config,
      generation,
      start,
      owner,
      ...dates,
      exitCode,
      kept,
      timings: [...timings],
    });
  } catch (error) {
    const message = `there is no record of the run in ${clone}: ${messageOf(error)}`;
    emit({ type: 'notice', level: 'warning', code: 'KATAVM_RUN_NOT_RECORDED', message });
  }
}
