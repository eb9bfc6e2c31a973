import { z } from '@katavm/core/schema';
import { byKind, text } from './by-kind.js';

/** A shell line, or an argument vector. */
const command = byKind({ string: text, list: z.array(text) });

export const commandModules = {
  bootcmd: z.array(command).optional(),
  // runcmd skips empty items, bootcmd does not (cloud-init's own schema).
  runcmd: z.array(byKind({ string: text, list: z.array(text), null: z.null() })).optional(),
};
