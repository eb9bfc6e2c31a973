import { z } from '@katavm/core/schema';
import { describeValue, isMapping, kindOf } from '../cloud-config/kinds.js';

type Path = readonly (string | number)[];

interface UnfitValue {
  readonly path: Path;
  readonly what: string;
}

/** Refuses values that YAML allows and that cannot be handed on unchanged. */
export const fitValuesSchema = z.unknown().superRefine((value, context) => {
  for (const { path, what } of findUnfitValues(value)) {
    context.addIssue({ code: 'custom', path: [...path], message: what, input: undefined });
  }
});

function findUnfitValues(value: unknown, path: Path = [], above: readonly unknown[] = []): UnfitValue[] {
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    return [{ path, what: 'has more digits than a number keeps; put it in quotes' }];
  if (value instanceof Date && Number.isNaN(value.getTime()))
    return [{ path, what: 'is not a date that exists; put it in quotes' }];
  if (kindOf(value) === 'other')
    return [{ path, what: `has a YAML tag that cloud-init has no use for (${describeValue(value)})` }];
  if (!Array.isArray(value) && !isMapping(value)) return [];
  if (above.includes(value)) return [{ path, what: 'is an alias of something that contains it' }];
  const inside = [...above, value];
  if (Array.isArray(value)) return value.flatMap((item, index) => findUnfitValues(item, [...path, index], inside));
  return Object.entries(value).flatMap(([key, item]) => findUnfitValues(item, [...path, key], inside));
}
