import { z } from '@katavm/core/schema';
import { describeValue, type Kind, kindOf } from './kinds.js';

type Shapes = Partial<Record<Kind, z.ZodType>>;
type Shape<S extends Shapes> = NonNullable<S[keyof S]>;

/**
 * One of several shapes, chosen by what was written. A zod union says only "invalid input" when no shape fits; here the
 * problems are those of the shape that was meant, with their own paths, and unknown keys keep their suggestions.
 */
export function byKind<S extends Shapes>(shapes: S): z.ZodType<z.infer<Shape<S>>> {
  // When first used: a launch has cloud-config only where a site adds some.
  return z.lazy(() => oneOf(shapes));
}

function oneOf<S extends Shapes>(shapes: S): z.ZodType<z.infer<Shape<S>>> {
  const options = Object.values(shapes) as [z.ZodType, ...z.ZodType[]];
  const { $schema: _, ...json } = z.toJSONSchema(z.union(options), { io: 'input', unrepresentable: 'any', reused: 'inline' });
  const chosen = z.unknown().superRefine((value, context) => {
    const shape = shapes[kindOf(value)];
    if (!shape) {
      context.addIssue({
        code: 'custom',
        message: `must be ${listKinds(shapes)}, and YAML reads ${describeValue(value)}${quoting(value)}`,
      });
      return;
    }
    for (const issue of shape.safeParse(value).error?.issues ?? []) context.addIssue({ ...issue });
  });
  return chosen.meta(json) as z.ZodType<z.infer<Shape<S>>>;
}

/** A string. A number, a boolean or a date most often stands for text that lacks its quotes: `permissions: 0644` is 420 in YAML. */
export const text = z.string({
  error: (issue) => `must be text, and YAML reads ${describeValue(issue.input)}${quoting(issue.input)}`,
});

function quoting(value: unknown): string {
  return ['number', 'boolean', 'date'].includes(kindOf(value)) ? '; put it in quotes' : '';
}

function listKinds(shapes: Shapes): string {
  const words = Object.keys(shapes).map((kind) => (kind === 'null' ? 'nothing' : kind === 'string' ? 'text' : `a ${kind}`));
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
