/**
 * The first hook after the package lists are there: a name that does not exist ends the build now, and not after the essential
 * packages have been set up. mmdebstrap gives its hooks the host's apt, pointed at the tree (MMDEBSTRAP_APT_CONFIG).
 */
export function extractHook(packages: readonly string[]): string {
  return `APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get --simulate --yes install ${packages.join(' ')} >/dev/null`;
}

/**
 * Before the packages beyond the essential ones: an initrd with just what finds the root disk. 6 MB in place of 30, which an
 * emulated guest feels at each boot. Not in /etc/initramfs-tools/modules: dpkg would ask whose version of that file to keep.
 *
 * And without udev: its drivers are loaded by name and its root disk is found by blkid, while udev would look at every device of the
 * machine, which the system itself does once more (initrd 2.6 s and 1.6 s, emulated, medians of 4 in turns). The script takes the
 * place of udev's own of that name; `udevadm` stays as a name for those of the other scripts that wait for it or end it.
 *
 * The network's driver is among them although the root disk needs none: the system's udev finds its card with the first devices then,
 * and not after all of them, when sshd listens already (a launch in 13.2 s in place of 14.0, emulated, means of 8 in turns).
 */
export const essentialHook = `set -eu
mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/etc/initramfs-tools/scripts/init-top" "$1/usr/share/initramfs-tools/modules.d"
printf 'MODULES=list\\nCOMPRESS=zstd\\nRESUME=none\\nFSTYPE=ext4\\n' >"$1/etc/initramfs-tools/conf.d/katavm"
printf 'virtio_pci\\nvirtio_blk\\next4\\nvirtio_net\\n' >"$1/usr/share/initramfs-tools/modules.d/katavm"
printf '#!/bin/sh\\n[ "$1" = prereqs ] || ln -sf /bin/true "$(command -v udevadm)"\\n' >"$1/etc/initramfs-tools/scripts/init-top/udev"
chmod 0755 "$1/etc/initramfs-tools/scripts/init-top/udev"
`;

/** After all packages, with the tree still set up as a chroot. */
export const customizeHook = `set -eu
chroot "$1" systemctl enable systemd-networkd.service systemd-resolved.service ssh.service
# The locale that needs no locale-gen; and the archives that katavm wrote, not cloud-init's defaults.
mkdir -p "$1/etc/cloud/cloud.cfg.d"
printf 'locale: C.UTF-8\\napt:\\n  preserve_sources_list: true\\n' >"$1/etc/cloud/cloud.cfg.d/90-katavm.cfg"
`;

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
