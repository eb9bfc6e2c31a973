import type { Distribution } from './apt/choose-sources.js';
import type { Architecture } from './architecture.js';

/**
 * What a guest needs to boot from a bare kernel, get an address, be set up by cloud-init and be reached by SSH: measured on
 * Debian 12 (without netplan.io or an enabled systemd-networkd, cloud-init leaves the guest without an address).
 */
const everywhere = [
  ...['systemd-sysv', 'libpam-systemd', 'dbus', 'udev', 'kmod', 'initramfs-tools', 'klibc-utils', 'cpio', 'xz-utils', 'zstd'],
  'e2fsprogs',
  ...['libnss-resolve', 'libnss-myhostname', 'netplan.io', 'iproute2', 'iputils-ping', 'ca-certificates'],
  ...['openssh-server', 'sudo', 'cloud-init', 'cloud-guest-utils', 'locales', 'less', 'procps', 'python3'],
];

/** Releases in which systemd-resolved is a part of systemd, not a package of its own. */
const resolvedInSystemd = new Set(['buster', 'bullseye', 'bionic', 'focal', 'jammy']);

/** Kernels without drivers for real hardware; Ubuntu's -virtual without its headers. */
function kernelOf(distribution: Distribution, { name }: Architecture): string {
  return distribution === 'debian' ? `linux-image-cloud-${name}` : 'linux-image-virtual';
}

/** Sorted and without doubles: equal wishes give an equal request. */
export function packagesOf(
  distribution: Distribution,
  suite: string,
  architecture: Architecture,
  include: readonly string[],
): string[] {
  const resolved = resolvedInSystemd.has(suite) ? [] : ['systemd-resolved'];
  return [...new Set([kernelOf(distribution, architecture), ...everywhere, ...resolved, ...include])].sort();
}
