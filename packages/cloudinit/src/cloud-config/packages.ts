import { z } from '@katavm/core/schema';
import { byKind, text } from './by-kind.js';

const flag = z.boolean();
const nameAndVersion = z.array(text).min(1).max(2, 'must be [name, version]');
const named = byKind({ string: text, list: nameAndVersion });

const aptSource = z.strictObject({
  source: text.optional(),
  keyid: text.optional(),
  key: text.optional(),
  keyserver: text.optional(),
  filename: text.optional(),
  append: flag.optional(),
});

const aptMirrors = z.array(
  z.strictObject({
    arches: z.array(text),
    uri: text.optional(),
    search: z.array(text).optional(),
    search_dns: flag.optional(),
    keyid: text.optional(),
    key: text.optional(),
    keyserver: text.optional(),
  }),
);

const apt = z.strictObject({
  preserve_sources_list: flag.optional(),
  disable_suites: z.array(text).optional(),
  primary: aptMirrors.optional(),
  security: aptMirrors.optional(),
  add_apt_repo_match: text.optional(),
  debconf_selections: z.record(z.string(), text).optional(),
  sources_list: text.optional(),
  conf: text.optional(),
  proxy: text.optional(),
  http_proxy: text.optional(),
  https_proxy: text.optional(),
  ftp_proxy: text.optional(),
  sources: z.record(z.string(), aptSource).optional(),
});

const snapCommands = z.array(byKind({ string: text, list: z.array(text) }));

export const packageModules = {
  packages: z
    .array(
      byKind({
        string: text,
        list: nameAndVersion,
        mapping: z.strictObject({ apt: z.array(named).optional(), snap: z.array(named).optional() }),
      }),
    )
    .optional(),
  package_update: flag.optional(),
  package_upgrade: flag.optional(),
  package_reboot_if_required: flag.optional(),
  apt_update: flag.optional(),
  apt_upgrade: flag.optional(),
  apt_reboot_if_required: flag.optional(),
  apt: apt.optional(),
  snap: z
    .strictObject({
      assertions: byKind({ list: z.array(text), mapping: z.record(z.string(), text) }).optional(),
      commands: byKind({
        list: snapCommands,
        mapping: z.record(z.string(), byKind({ string: text, list: z.array(text) })),
      }).optional(),
    })
    .optional(),
  yum_repos: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  yum_repo_dir: text.optional(),
};
