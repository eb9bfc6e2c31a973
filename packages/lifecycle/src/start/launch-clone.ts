import type { StartMode } from '@katavm/config';
import type { Context } from '../context/context.js';
import { claimPooled } from './claim-pooled.js';
import { startCold } from './start-cold.js';
import { startFromTemplate } from './start-from-template.js';
import type { QuickStart, StartedClone, StartInput } from './start-outcome.js';

const quickStarts: Readonly<Record<Exclude<StartMode, 'cold'>, QuickStart>> = {
  pooled: claimPooled,
  template: startFromTemplate,
};

/** A clone that answers, by the way that is asked for; where that is not to be had, a cold one, and a notice says why. */
export async function launchClone(context: Context, input: StartInput): Promise<StartedClone> {
  const { start, mayBeKept } = input;
  if (start === 'cold') return startCold(context, input);
  const why = mayBeKept ? 'a clone that may have to be kept is booted' : undefined;
  const outcome = why === undefined ? await quickStarts[start](context, input) : { unavailable: why };
  if (!('unavailable' in outcome)) return outcome;
  const message = `start: ${start} is not to be had, so the clone boots: ${outcome.unavailable}`;
  context.emit({ type: 'notice', level: 'info', code: 'KATAVM_STARTED_COLD', message });
  return startCold(context, input);
}
