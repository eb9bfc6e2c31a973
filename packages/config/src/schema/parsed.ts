import { isKatavmError } from '@katavm/core';
import { z } from '@katavm/core/schema';

/** A string that one of core's parsers turns into a branded value; its message and hint become zod's. */
export function parsedBy<T>(parse: (text: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return parse(text);
    } catch (error) {
      if (!isKatavmError(error)) throw error;
      context.addIssue({ code: 'custom', message: [error.message, error.hint].filter(Boolean).join('; ') });
      return z.NEVER;
    }
  });
}
