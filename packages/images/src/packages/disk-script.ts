/**
 * Makes the disk from the finished tree, as the tree's root: in an ordinary user's build this runs in the namespace where the
 * tree's owners are what they will be in the guest. Arguments: the tree, the file system's UUID.
 * It gets the disk as descriptor 3, and the kernel and initrd as 4 and 5: root of that namespace may not be able to open a file
 * of ours by its path (a home of mode 0700), but may reopen a descriptor of a file that everyone may write.
 */
export const diskScript = `set -eu
root=$1 uuid=$2
# Neutral: an empty machine-id (a missing one would make systemd take every boot for the first), no host key, no name.
: >"$root/etc/machine-id"
: >"$root/etc/fstab"
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/var/lib/dbus/machine-id" "$root/var/lib/systemd/random-seed"
rm -f "$root"/*.old "$root"/var/log/*.log "$root"/var/log/apt/*
printf '127.0.0.1 localhost\\n::1 localhost ip6-localhost ip6-loopback\\n' >"$root/etc/hosts"
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
# Debian links to the newest kernel in /, Ubuntu in /boot.
kernel=$root/vmlinuz
[ -e "$kernel" ] || kernel=$root/boot/vmlinuz
cat "$kernel" >&4
cat "$root/boot/katavm-initrd" >&5
rm "$root/boot/katavm-initrd"
# Twice what is in it, in whole GiB: small enough for every guest (it grows to the guest's disk at its first boot: mkfs leaves
# room to grow a thousandfold), large enough to be used as it is. Holes cost nothing.
gib=$(($(du -sxm "$root" | cut -f1) * 2 / 1024 + 1))
truncate -s "\${gib}G" /proc/self/fd/3
# The features by name: mkfs is the host's, the kernel the guest's, and a newer mkfs would turn on what an older kernel
# cannot mount. The journal is what a disk of 10 GiB would get (64 MiB): it does not grow with the file system.
# lazy_*=0: else a kernel thread writes inode tables in every clone, noise in its measurements.
mkfs.ext4 -q -F -L katavm-root -m 1 -J size=64 -U "$uuid" \\
  -O none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum \\
  -E lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0 -d "$root" /proc/self/fd/3
`;
