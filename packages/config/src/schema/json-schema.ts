import { z } from '@katavm/core/schema';
import { checkSchema, commandSchema } from './complete.js';
import { configSchema } from './config-schema.js';

/** The JSON Schema (2020-12) of katavm.yaml as a person writes it; schema.json of this package is its text. */
export function configJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // Written by its text alone, a command is a string: JSON Schema cannot know of a preprocess.
      if (zodSchema !== commandSchema && zodSchema !== checkSchema) return;
      const mapping = { ...jsonSchema };
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
      jsonSchema.anyOf = [{ type: 'string', minLength: 1 }, mapping];
    },
  });
  // What a file extends, or what extends the file, may give the base.
  return { ...schema, required: ['version'], title: 'katavm.yaml' };
}
