import { parseDuration } from '@katavm/core';
import { z } from '@katavm/core/schema';
import { parsedBy } from './parsed.js';

/** How a clone comes to run. */
export const startSchema = z.enum(['cold', 'pooled', 'template']);

export const poolSchema = z.strictObject({
  size: z.int().min(1).max(64).default(1).describe('How many clones "katavm pool serve" keeps ready'),
  maxAge: parsedBy(parseDuration).prefault('1h').describe('A clone that has waited for longer is replaced'),
});

export const isolationSchema = z.strictObject({
  quiet: z.boolean().default(false).describe("While a job of this config runs, the host's pool boots nothing"),
});
