import type { VmConfig } from '@katavm/config';

// /tmp is changed under a running boot: what has a file open there keeps it, and a unit of systemd's would wait for that boot.
const scripts: Readonly<Record<NonNullable<VmConfig['guest']['tmp']>, string>> = {
  disk: `set -e
ln -sf /dev/null /etc/systemd/system/tmp.mount
systemctl daemon-reload
while mountpoint -q /tmp; do umount -l /tmp; done`,
  // Debian 12 and Ubuntu ship the unit where systemd does not read it.
  tmpfs: `set -e
units=/etc/systemd/system
if [ -L $units/tmp.mount ]; then rm $units/tmp.mount; fi
unit=/usr/lib/systemd/system/tmp.mount
[ -e $unit ] || unit=/usr/share/systemd/tmp.mount
mkdir -p $units/local-fs.target.wants
ln -sf $unit $units/local-fs.target.wants/tmp.mount
[ $unit = /usr/lib/systemd/system/tmp.mount ] || cp $unit $units/tmp.mount
systemctl daemon-reload
mountpoint -q /tmp || mount -t tmpfs -o mode=1777,nosuid,nodev,size=50% tmpfs /tmp`,
};

/** What makes the guest's /tmp be where its config says, from the build's first boot on. Each may run at every boot of the build. */
export function tmpCommands(tmp: VmConfig['guest']['tmp']): string[][] {
  return tmp === undefined ? [] : [['sh', '-c', scripts[tmp]]];
}
