/**
 * Top-level keys that cloud-init's modules and its base configuration read, up to cloud-init 25.1, and that katavm hands on
 * unread: `cloud-init schema` in the host or the guest knows their insides.
 */
export const passedThrough = [
  ...[
    'ansible',
    'apk_repos',
    'apt_pipelining',
    'authkey_hash',
    'autoinstall',
    'byobu_by_default',
    'chef',
    'disable_ec2_metadata',
  ],
  ...['drivers', 'fan', 'grub-dpkg', 'grub_dpkg', 'interactive', 'keyboard', 'landscape', 'launch-index', 'lxd', 'mcollective'],
  ...['migrate', 'phone_home', 'puppet', 'random_seed', 'reporting', 'resolv_conf', 'rh_subscription', 'rpi', 'rsyslog'],
  ...['salt_minion', 'spacewalk', 'ssh', 'ubuntu_advantage', 'ubuntu_pro', 'updates', 'vendor_data', 'vendor_data2'],
  ...['wireguard', 'zypper', 'output', 'merge_how', 'merge_type', 'datasource', 'datasource_list', 'system_info'],
  ...['cloud_init_modules', 'cloud_config_modules', 'cloud_final_modules', 'manual_cache_clean', 'syslog_fix_perms'],
  ...['def_log_file', 'log_cfgs', 'apt_sources', 'apt_mirror', 'apt_mirror_search', 'apt_proxy', 'apt_http_proxy'],
  ...['apt_https_proxy', 'apt_ftp_proxy', 'apt_preserve_sources_list', 'apt_custom_sources_list', 'debconf_selections'],
] as const;
