import { z } from '@katavm/core/schema';
import { byKind, text } from './by-kind.js';

const flag = z.boolean().optional();
const texts = z.array(text).optional();
const optionalText = text.optional();

export const systemModules = {
  hostname: optionalText,
  fqdn: optionalText,
  preserve_hostname: flag,
  prefer_fqdn_over_hostname: flag,
  create_hostname_file: flag,
  manage_etc_hosts: byKind({ boolean: z.boolean(), string: z.enum(['localhost', 'template']) }).optional(),
  manage_resolv_conf: flag,
  timezone: optionalText,
  locale: byKind({ string: text, boolean: z.boolean() }).optional(),
  locale_configfile: optionalText,
  final_message: optionalText,
  ntp: byKind({
    null: z.null(),
    mapping: z.strictObject({
      enabled: flag,
      ntp_client: optionalText,
      pools: texts,
      servers: texts,
      peers: texts,
      allow: texts,
      config: z.record(z.string(), z.unknown()).optional(),
    }),
  }).optional(),
  power_state: z.looseObject({ mode: z.enum(['poweroff', 'reboot', 'halt']) }).optional(),
  ssh_authorized_keys: texts,
  ssh_import_id: texts,
  ssh_keys: z.record(z.string(), text).optional(),
  ssh_deletekeys: flag,
  ssh_genkeytypes: texts,
  ssh_quiet_keygen: flag,
  ssh_pwauth: byKind({ boolean: z.boolean(), string: text }).optional(),
  ssh_publish_hostkeys: z.strictObject({ enabled: flag, blacklist: texts }).optional(),
  ssh_fp_console_blacklist: texts,
  ssh_key_console_blacklist: texts,
  no_ssh_fingerprints: flag,
  allow_public_ssh_keys: flag,
  disable_root: flag,
  disable_root_opts: optionalText,
};
