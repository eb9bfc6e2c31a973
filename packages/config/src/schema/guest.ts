import { parseVmName } from '@katavm/core';
import { z } from '@katavm/core/schema';
import { parsedBy } from './parsed.js';

export const guestSchema = z.strictObject({
  user: z
    .string()
    // POSIX portable user names, as useradd takes them on every distribution: 32 characters at most.
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be a user name: lower-case letters, digits, "_" and "-", 32 at most')
    .refine((name) => name !== 'root', 'must not be root: the agent runs as a user that can become root by sudo')
    .default('jenkins')
    .describe('The user that katavm makes in the guest, and that the agent runs as'),
  hostname: parsedBy((text) => parseVmName(text, 'hostname'))
    .optional()
    .describe("The master's hostname; every clone has its own. Default: the config's name and -master"),
  tmp: z
    .enum(['disk', 'tmpfs'])
    .optional()
    .describe("Where the guest's /tmp is. Default: where the distribution has it; since Debian 13 a tmpfs of half the memory"),
});
