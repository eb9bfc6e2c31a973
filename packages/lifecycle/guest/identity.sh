#!/bin/sh
# /usr/lib/katavm/identity: give this VM the identity that its host put on the disk "katavm-identity".
# The disk is a bare tar: hostname, ssh_host_ed25519_key, ssh_host_ed25519_key.pub, authorized_keys/USER.
# Secrets go to /run, a tmpfs: the guest's own disk never holds a private host key or an authorised key, so a master
# made from that disk cannot leak one. Runs at each boot, before sshd; running it twice changes nothing.
set -eu

disk=${KATAVM_IDENTITY:-/dev/disk/by-id/virtio-katavm-identity}
run=/run/katavm

# sshd reads authorized_keys as the user who logs in, and (StrictModes) wants every directory on the way owned by root
# and writable by root alone: so 0755 for directories, 0644 for what is public, 0600 for the private key.
umask 077
mkdir -p "$run"
# -o: the files' owner on the host means nothing here. Old tar and new take the same letters.
tar -xof "$disk" -C "$run" hostname ssh_host_ed25519_key ssh_host_ed25519_key.pub authorized_keys
chmod -R u=rwX,go=rX "$run/authorized_keys"
chmod 0755 "$run"
chmod 0644 "$run/ssh_host_ed25519_key.pub" "$run/hostname"
chmod 0600 "$run/ssh_host_ed25519_key"

# SELinux (Fedora and kin): sshd may read these types; on a tmpfs nothing labels them for us. Elsewhere, not an error.
if [ -e /sys/fs/selinux/enforce ] && command -v chcon >/dev/null; then
  chcon -t sshd_key_t "$run/ssh_host_ed25519_key" || :
  chcon -R -t ssh_home_t "$run/authorized_keys" || :
fi

# PID 1 has read /etc/hostname long before any unit: set the kernel's name. Not every image has hostname(1).
read -r name <"$run/hostname"
printf '%s\n' "$name" >/proc/sys/kernel/hostname
# A name that does not resolve makes sudo slow and Java's InetAddress.getLocalHost() throw. /etc/hosts is on the clone's
# disk, which dies with the clone; sealing takes the line away again.
if ! grep -q "^127\.0\.1\.1[[:space:]]$name\$" /etc/hosts; then
  { sed '/^127\.0\.1\.1[[:space:]]/d' /etc/hosts; printf '127.0.1.1\t%s\n' "$name"; } >"$run/hosts"
  # cat, not mv: keeps owner, mode and SELinux label, and works where /etc/hosts is a bind mount.
  cat "$run/hosts" >/etc/hosts
fi

# Files that are named after the machine that reads them (a metrics baseline, say): the master holds each once, and a clone
# reaches it by its own name. A line: the file, a tab, the name with @HOSTNAME@ in it.
if [ -f /usr/lib/katavm/per-host-files ]; then
  tab=$(printf '\t')
  while IFS="$tab" read -r file template; do
    link=${template%%@HOSTNAME@*}$name${template#*@HOSTNAME@}
    [ -e "$link" ] || { mkdir -p "${link%/*}" && ln -sf "$file" "$link"; }
  done </usr/lib/katavm/per-host-files
fi
