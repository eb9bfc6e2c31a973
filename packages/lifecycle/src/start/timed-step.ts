import { timePart, trackStep, type VmName } from '@katavm/core';
import type { Context } from '../context/context.js';

/** A step of a launch, whose time is told as a part of the launch as well. */
export function timedStep<T>(context: Context, step: string, name: VmName, work: () => Promise<T>): Promise<T> {
  return trackStep(context.emit, step, name, () => timePart(context.emit, step, work));
}
