import { z } from '../schema/index.js';
import type { Path } from './locate-lines.js';

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
}

/** The keys that a schema knows at a path, read from its JSON Schema: zod's own nodes are not a public interface. */
export function knownKeysAt(schema: z.ZodType, path: Path): string[] {
  let nodes = variants(jsonSchemaOf(schema));
  for (const part of path) nodes = nodes.flatMap((node) => child(node, part)).flatMap(variants);
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
}

/** That of a site file takes zod 50 ms, and a file may hold many unknown keys. */
const jsonSchemas = new WeakMap<z.ZodType, JsonSchema>();

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const made =
    jsonSchemas.get(schema) ?? (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema);
  jsonSchemas.set(schema, made);
  return made;
}

function variants(node: JsonSchema): JsonSchema[] {
  const branches = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.allOf ?? [])];
  return [node, ...branches.flatMap(variants)];
}

function child(node: JsonSchema, part: string | number): JsonSchema[] {
  if (typeof part === 'number') return node.items ? [node.items] : [];
  const property = node.properties?.[part];
  if (property) return [property];
  return typeof node.additionalProperties === 'object' ? [node.additionalProperties] : [];
}
