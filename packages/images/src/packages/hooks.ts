import { initrdHook } from './initrd-hook.js';

/**
 * The first hook after the package lists are there: a name that does not exist ends the build now, and not after the essential
 * packages have been set up. mmdebstrap gives its hooks the host's apt, pointed at the tree (MMDEBSTRAP_APT_CONFIG).
 */
export function extractHook(packages: readonly string[]): string {
  return `APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get --simulate --yes install ${packages.join(' ')} >/dev/null`;
}

/**
 * Before the packages beyond the essential ones: the distribution's own initrd stays small and is soon made. katavm's guests boot by
 * another one; it is for those who boot the disk by other means.
 */
export const essentialHook = `set -eu
mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/usr/share/initramfs-tools/modules.d"
printf 'MODULES=list\\nCOMPRESS=zstd\\nRESUME=none\\nFSTYPE=ext4\\n' >"$1/etc/initramfs-tools/conf.d/katavm"
printf 'virtio_pci\\nvirtio_blk\\next4\\nvirtio_net\\n' >"$1/usr/share/initramfs-tools/modules.d/katavm"
`;

/** After all packages, with the tree still set up as a chroot. */
export const customizeHook = `set -eu
chroot "$1" systemctl enable systemd-networkd.service systemd-resolved.service ssh.service
# The locale that needs no locale-gen; and the archives that katavm wrote, not cloud-init's defaults.
mkdir -p "$1/etc/cloud/cloud.cfg.d"
printf 'locale: C.UTF-8\\napt:\\n  preserve_sources_list: true\\n' >"$1/etc/cloud/cloud.cfg.d/90-katavm.cfg"
${initrdHook}`;

/**
 * Manual pages, documentation and translations. Kept: licences, the table that maps old locales' names, and the folders, since
 * maintainer scripts link into those of manual pages.
 */
export const dpkgOptions = [
  'path-exclude=/usr/share/man/*/*',
  'path-exclude=/usr/share/info/*',
  'path-exclude=/usr/share/locale/*/*',
  'path-exclude=/usr/share/doc/*/*',
  'path-include=/usr/share/doc/*/copyright',
];

/** Kept in the guest: what is installed later stays as lean. */
export const aptOptions = ['APT::Install-Recommends "false"'];
