import { z } from '@katavm/core/schema';
import { byKind, text } from './by-kind.js';

const names = z.array(text);
const flag = z.boolean();

const fields = {
  create_groups: flag,
  doas: names,
  expiredate: text,
  gecos: text,
  groups: byKind({ string: text, list: names, mapping: z.record(z.string(), z.null()) }),
  hashed_passwd: text,
  homedir: text,
  inactive: text,
  lock_passwd: flag,
  no_create_home: flag,
  no_log_init: flag,
  no_user_group: flag,
  passwd: text,
  plain_text_passwd: text,
  primary_group: text,
  selinux_user: text,
  shell: text,
  snapuser: text,
  ssh_authorized_keys: names,
  ssh_import_id: names,
  ssh_redirect_user: flag,
  sudo: byKind({ string: text, list: names, boolean: flag, null: z.null() }),
  system: flag,
  uid: byKind({ number: z.int(), string: text }),
};

// cloud-init turns every "-" of a user's keys into "_" (distros/ug_util.py), its own schema knows lock-passwd only.
const dashed = Object.fromEntries(
  Object.entries(fields).flatMap(([key, type]) => (key.includes('_') ? [[key.replaceAll('_', '-'), type.optional()]] : [])),
);

const optional = Object.fromEntries(Object.entries(fields).map(([key, type]) => [key, type.optional()]));
const entry = z.strictObject({ name: text.optional(), ...optional, ...dashed });
const anyEntry = byKind({ string: text, list: names, mapping: entry });

const members = byKind({ string: text, list: names, null: z.null() });
const groupItem = byKind({ string: text, mapping: z.record(z.string(), members) });

export const userModules = {
  users: byKind({
    list: z.array(anyEntry),
    string: text,
    mapping: z.record(z.string(), byKind({ mapping: entry, boolean: flag, string: text })),
  }).optional(),
  user: byKind({ string: text, mapping: entry }).optional(),
  groups: byKind({ list: z.array(groupItem), string: text, mapping: z.record(z.string(), members) }).optional(),
  chpasswd: z
    .strictObject({
      expire: flag.optional(),
      users: z
        .array(z.strictObject({ name: text, type: z.enum(['RANDOM', 'hash', 'text']).optional(), password: text.optional() }))
        .optional(),
      list: byKind({ string: text, list: names }).optional(),
    })
    .optional(),
  password: text.optional(),
};
