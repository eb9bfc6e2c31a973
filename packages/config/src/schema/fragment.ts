import type { Path } from '@katavm/core/document';
import { z } from '@katavm/core/schema';

/**
 * The schema of a part of what `schema` describes: every key may be missing or null, unknown keys stay errors at every depth,
 * leaves and lists keep their full schema. With it each layer is checked by itself, where its own lines can be named.
 */
export function fragmentOf(schema: z.ZodType): z.ZodType {
  const inner = withoutDefault(schema);
  if (inner instanceof z.ZodUnion) return z.union(inner.options.map((option) => fragmentOf(option as z.ZodType)));
  return inner instanceof z.ZodObject ? z.strictObject(fragmentShape(inner)) : inner;
}

/** The keys of a mapping, each with its fragment's schema. */
export function fragmentShape(schema: z.ZodObject): Record<string, z.ZodType> {
  const fields = Object.entries(schema.shape).map(([key, field]) => [key, fragmentOf(field as z.ZodType).nullish()]);
  return Object.fromEntries(fields);
}

/** Whether some mapping that the schema allows at this path knows all of these keys. */
export function goTogether(schema: z.ZodType, path: Path, keys: readonly string[]): boolean {
  return kindsAt(schema, path).some((kind) => keys.every((key) => Object.hasOwn(kind.shape, key)));
}

function kindsAt(schema: z.ZodType, path: Path): readonly z.ZodObject[] {
  return path.reduce<readonly z.ZodObject[]>((kinds, part) => {
    const field = kinds.map((kind) => kind.shape[part] as z.ZodType | undefined).find((found) => found !== undefined);
    return field ? kindsOf(field) : [];
  }, kindsOf(schema));
}

/** The mappings that a schema allows: none for a scalar or a list, several for a choice between mappings. */
function kindsOf(schema: z.ZodType): readonly z.ZodObject[] {
  const inner = withoutDefault(schema);
  if (inner instanceof z.ZodObject) return [inner];
  return inner instanceof z.ZodUnion ? inner.options.flatMap((option) => kindsOf(option as z.ZodType)) : [];
}

function withoutDefault(schema: z.ZodType): z.ZodType {
  const wrapped =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly;
  if (wrapped) return withoutDefault(schema.unwrap() as z.ZodType);
  // A mapping that is transformed afterwards; a scalar's pipe (text to MiB) is a leaf and stays whole.
  if (schema instanceof z.ZodPipe && kindsOf(schema.in as z.ZodType).length > 0) return withoutDefault(schema.in as z.ZodType);
  return schema;
}
