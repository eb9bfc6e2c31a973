#!/bin/sh
# /usr/lib/katavm/identity: give this VM the identity that its host put on the disk "katavm-identity".
# The disk is a bare tar: hostname, ssh_host_ed25519_key, ssh_host_ed25519_key.pub, authorized_keys/USER.
# Secrets go to /run, a tmpfs: the guest's own disk never holds a private host key or an authorised key, so a master
# made from that disk cannot leak one. Runs at each boot, before sshd, and when a restored VM is woken; running it twice
# changes nothing. With the shell's own means wherever they do: a process costs an emulated guest 30 to 60 ms.
set -eu

run=/run/katavm
link=/dev/disk/by-id/virtio-katavm-identity

# The kernel knows a disk's serial as soon as it has the disk. udev's link by that serial comes seconds later, in the middle of
# all devices of the boot: it is waited for only where the kernel does not show the disk yet.
find_disk() {
  for file in /sys/block/*/serial; do
    [ -r "$file" ] || continue
    read -r serial <"$file" || : # virtio's has no end of line
    [ "$serial" = katavm-identity ] || continue
    disk=${file%/serial}
    disk=/dev/${disk##*/}
    [ ! -b "$disk" ] || return 0
  done
  udevadm settle --timeout=90 --exit-if-exists="$link" || :
  disk=$link
}
disk=${KATAVM_IDENTITY:-}
[ -n "$disk" ] || [ -n "${KATAVM_UNPACKED:-}" ] || find_disk

# sshd reads authorized_keys as the user who logs in, and (StrictModes) wants every directory on the way owned by root
# and writable by root alone. The modes are in the tar: 0600 for the private key, 0644 for what is public.
umask 022
[ -d "$run" ] || mkdir -p "$run"
# -o: the files' owner on the host means nothing here. Old tar and new take the same letters.
[ -n "${KATAVM_UNPACKED:-}" ] || tar -xof "$disk" -C "$run" hostname ssh_host_ed25519_key ssh_host_ed25519_key.pub authorized_keys

# SELinux (Fedora and kin): sshd may read these types; on a tmpfs nothing labels them for us. Elsewhere, not an error.
if [ -e /sys/fs/selinux/enforce ] && command -v chcon >/dev/null; then
  chcon -t sshd_key_t "$run/ssh_host_ed25519_key" || :
  chcon -R -t ssh_home_t "$run/authorized_keys" || :
fi

# PID 1 has read /etc/hostname long before any unit: set the kernel's name. Not every image has hostname(1).
read -r name <"$run/hostname"
read -r earlier </proc/sys/kernel/hostname
printf '%s\n' "$name" >/proc/sys/kernel/hostname
# A name that does not resolve makes sudo slow and Java's InetAddress.getLocalHost() throw. /etc/hosts is on the clone's
# disk, which dies with the clone; sealing takes the line away again.
hosts=
known=
while IFS= read -r line || [ -n "$line" ]; do
  case $line in
    "127.0.1.1	$name") known=yes ;;
    127.0.1.1[[:space:]]*) ;;
    *) hosts="$hosts$line
" ;;
  esac
done </etc/hosts
# Written in place: keeps owner, mode and SELinux label, and works where /etc/hosts is a bind mount.
[ -n "$known" ] || printf '%s127.0.1.1\t%s\n' "$hosts" "$name" >/etc/hosts

# Files that are named after the machine that reads them (a metrics baseline, say): the master holds each once, and a clone
# reaches it by its own name, and by none that it had before. A line: the file, a tab, the name with @HOSTNAME@ in it.
if [ -f /usr/lib/katavm/per-host-files ]; then
  tab=$(printf '\t')
  while IFS="$tab" read -r file template; do
    link=${template%%@HOSTNAME@*}$name${template#*@HOSTNAME@}
    stale=${template%%@HOSTNAME@*}$earlier${template#*@HOSTNAME@}
    [ "$name" = "$earlier" ] || [ ! -L "$stale" ] || rm -f "$stale"
    [ -d "${link%/*}" ] || mkdir -p "${link%/*}"
    [ -e "$link" ] || ln -sf "$file" "$link"
  done </usr/lib/katavm/per-host-files
fi
