import { z } from '@katavm/core/schema';
import { byKind, text } from './by-kind.js';

const encodings = ['gz', 'gzip', 'gz+base64', 'gzip+base64', 'gz+b64', 'gzip+b64', 'b64', 'base64', 'text/plain'] as const;

const caCerts = z
  .strictObject({
    remove_defaults: z.boolean().optional(),
    'remove-defaults': z.boolean().optional(),
    trusted: z.array(text).optional(),
  })
  .optional();

export const fileModules = {
  write_files: z
    .array(
      z.strictObject({
        path: text,
        content: byKind({ string: text, binary: z.instanceof(Uint8Array) }).optional(),
        source: z.strictObject({ uri: text, headers: z.record(z.string(), text).optional() }).optional(),
        owner: text.optional(),
        permissions: text.optional(),
        encoding: z.enum(encodings).optional(),
        append: z.boolean().optional(),
        defer: z.boolean().optional(),
      }),
    )
    .optional(),
  ca_certs: caCerts,
  // The only spelling that cloud-init before 22.3 knows.
  'ca-certs': caCerts,
};
