#!/bin/sh
# Install katavm's units in the VM that a master is built from, and take its identity. Carried by the build's identity disk and
# started by cloud-init's bootcmd, before cloud-init's ssh module and before sshd, at each boot of the build:
#   tar -xOf /dev/disk/by-id/virtio-katavm-identity install.sh | sh
# Running it twice changes nothing.
set -eu

disk=${KATAVM_IDENTITY:-/dev/disk/by-id/virtio-katavm-identity}
unit=/etc/systemd/system/katavm-identity.service

put() { # put MODE MEMBER TARGET: write a member of the identity tar, with the label that its folder asks for
  tar -xOf "$disk" "$2" >"$3.katavm-new"
  chmod "$1" "$3.katavm-new"
  mv -f "$3.katavm-new" "$3"
  if command -v restorecon >/dev/null; then restorecon "$3" || :; fi
}

# ---- the units and their scripts
mkdir -p /usr/lib/katavm /etc/udev/rules.d
put 0755 identity.sh /usr/lib/katavm/identity
put 0644 katavm-identity.service "$unit"
put 0755 wake.py /usr/lib/katavm/wake
put 0644 katavm-wake.service /etc/systemd/system/katavm-wake.service
put 0644 70-katavm-wake.rules /etc/udev/rules.d/70-katavm-wake.rules

# ---- sshd: for each option the FIRST value read wins, so ours must come before the distribution's and cloud-init's
options='# katavm: keys come from the identity disk, through /run; none is ever on this disk
PasswordAuthentication no
HostKey /run/katavm/ssh_host_ed25519_key
AuthorizedKeysFile .ssh/authorized_keys /run/katavm/authorized_keys/%u'
# OpenSSH 9.8 and later refuse a source for a while that has often connected without logging in. On user networking everybody of the
# host comes from one address: any program there that tries ports could lock this guest's owner out. There is no password to guess.
if sshd -G -f /dev/null -o PerSourcePenalties=no >/dev/null 2>&1; then
  options="$options
PerSourcePenalties no"
fi
config=/etc/ssh/sshd_config
new=$config.katavm-new
# HostKey lines add up instead: the distribution's own must go (RHEL 8 and Ubuntu 16.04 have them, Debian 12 has not).
sed -e '/^# katavm:/d' -e '/^[[:space:]]*HostKey[[:space:]]/d' -e '/^[[:space:]]*AuthorizedKeysFile[[:space:]]/d' $config >$new
if grep -Eqi '^[[:space:]]*Include[[:space:]]+"?/etc/ssh/sshd_config\.d/' $new; then
  mkdir -p $config.d
  printf '%s\n' "$options" >$config.d/00-katavm.conf
  chmod 0600 $config.d/00-katavm.conf
  # What cloud-init's module set-passwords would write (ssh_pwauth: false): where it stands already, the module changes
  # nothing and does not restart sshd, which would cut off whoever is connecting at that moment.
  printf 'PasswordAuthentication no\n' >$config.d/50-cloud-init.conf
  cat $new >$config
else
  # OpenSSH before 8.2 has no Include. At the top: further down, a Match block might swallow the lines.
  { printf '%s\n' "$options"; cat $new; } >$config
fi
rm -f $new

# ---- no other host key. What stands at these names, be it a link that leads nowhere yet, is not generated again: not by
# cloud-init (ssh_deletekeys: false, ssh_genkeytypes: [ed25519]), not by Fedora's sshd-keygen, which is masked all the same.
rm -f /etc/ssh/ssh_host_*
ln -s /run/katavm/ssh_host_ed25519_key /run/katavm/ssh_host_ed25519_key.pub /etc/ssh/
for generator in sshd-keygen@rsa.service sshd-keygen@ecdsa.service sshd-keygen@ed25519.service sshd-keygen.service; do
  ln -sf /dev/null "/etc/systemd/system/$generator"
done

# ---- from now on and at each boot. --no-reload and links by hand would do as well; systemctl knows every version.
systemctl daemon-reload
systemctl enable katavm-identity.service
# Not "systemctl start": this runs inside the boot transaction, and a unit ordered before network-pre.target might wait
# for jobs that wait for us. The script itself needs nobody.
sh /usr/lib/katavm/identity
