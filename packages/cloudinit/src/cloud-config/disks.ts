import { z } from '@katavm/core/schema';
import { byKind, text } from './by-kind.js';

const size = byKind({ string: text, number: z.int() });
const stringOrList = byKind({ string: text, list: z.array(text) });

const filesystem = z.strictObject({
  label: byKind({ string: text, null: z.null() }).optional(),
  filesystem: text.optional(),
  device: text.optional(),
  partition: byKind({ string: text, number: z.int() }).optional(),
  overwrite: z.boolean().optional(),
  replace_fs: text.optional(),
  extra_opts: stringOrList.optional(),
  cmd: stringOrList.optional(),
});

export const diskModules = {
  growpart: z
    .strictObject({
      mode: byKind({ string: z.enum(['auto', 'growpart', 'gpart', 'off']), boolean: z.literal(false) }).optional(),
      devices: z.array(text).optional(),
      ignore_growroot_disabled: z.boolean().optional(),
    })
    .optional(),
  resize_rootfs: byKind({ boolean: z.boolean(), string: z.enum(['noblock']) }).optional(),
  mounts: z.array(z.array(byKind({ string: text, null: z.null() })).max(6)).optional(),
  mount_default_fields: z
    .array(byKind({ string: text, null: z.null() }))
    .length(6)
    .optional(),
  swap: z.strictObject({ filename: text.optional(), size: size.optional(), maxsize: size.optional() }).optional(),
  device_aliases: z.record(z.string(), text).optional(),
  disk_setup: z
    .record(
      z.string(),
      z.strictObject({
        table_type: z.enum(['mbr', 'gpt']).optional(),
        layout: byKind({ boolean: z.boolean(), string: z.enum(['remove']), list: z.array(z.unknown()) }).optional(),
        overwrite: z.boolean().optional(),
      }),
    )
    .optional(),
  fs_setup: z.array(filesystem).optional(),
};
