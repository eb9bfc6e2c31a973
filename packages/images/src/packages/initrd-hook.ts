/**
 * What runs first in a guest that is made from packages: finds the root disk, and starts the system. klibc's programs are 10 KB each, and
 * nothing of what they get has to be unpacked. The distribution's own initrd brings udev, its hardware database and OpenSSL along, and
 * starts 40 processes (docs/decisions/own-initrd.md).
 */
const init = `#!/bin/sh
export PATH=/bin
mount -n -t proc -o nosuid,nodev,noexec proc /proc
mount -n -t sysfs -o nosuid,nodev,noexec sysfs /sys
mount -n -t devtmpfs -o nosuid,mode=0755 devtmpfs /dev
read -r words </proc/cmdline
for word in $words; do
  case $word in modprobe.blacklist=*) unwanted=,\${word#*=}, ;; esac
done
for module in /modules/*; do
  name=\${module##*[0-9]-}
  case $unwanted in *,"$name",*) ;; *) insmod "$module" || echo "katavm: $name is not loaded" ;; esac
done
# katavm's serial for it; a machine without has one disk.
root=vda
for file in /sys/block/*/serial; do
  read -r serial <"$file"
  [ "$serial" != katavm-root ] || { root=\${file%/serial}; root=\${root##*/}; }
done
# What systemd would start a program of its own for, each.
mkdir /dev/hugepages /dev/mqueue
mount -n -t hugetlbfs -o nosuid,nodev hugetlbfs /dev/hugepages
mount -n -t mqueue -o nosuid,nodev,noexec mqueue /dev/mqueue
mount -n -t debugfs -o nosuid,nodev,noexec debugfs /sys/kernel/debug
mount -n -t tracefs -o nosuid,nodev,noexec tracefs /sys/kernel/tracing
mount -n -t ext4 -o rw "/dev/$root" /root || echo "katavm: no root file system on /dev/$root"
for folder in dev sys proc; do mount -n -o move "/$folder" "/root/$folder"; done
exec run-init /root /sbin/init </root/dev/console >/root/dev/console 2>&1
`;

/**
 * Makes /boot/katavm-initrd, with the tree set up as a chroot. The modules of the root disk, each after those that it needs; ext4 asks for
 * crc32c by that name, and whatever gives it is not known as needed. And the network's driver, although the root disk needs none: the
 * system's udev finds its card with the first devices then, and not after all of them, when sshd listens already (a launch in 13.2 s in
 * place of 14.0, emulated, means of 8 in turns).
 */
const script = `set -eu
kernel=/vmlinuz
[ -e "$kernel" ] || kernel=/boot/vmlinuz
kernel=$(readlink -f "$kernel")
version=\${kernel##*/vmlinuz-}
needed() { modprobe --set-version "$version" --show-depends "$1"; }
work=$(mktemp -d)
cd "$work"
mkdir bin dev lib modules proc root sys usr
ln -s ../lib usr/lib
for program in sh mkdir mount insmod run-init; do cp -p "/usr/lib/klibc/bin/$program" bin/; done
cp -p /lib/klibc-*.so lib/
{ needed virtio_pci && needed virtio_blk && { needed crc32c 2>/dev/null || :; } && needed ext4 && needed virtio_net; } >list
count=100
while read -r word file rest; do
  name=$(basename "\${file%%.ko*}" | tr - _)
  [ "$word" = insmod ] && [ -z "$(ls modules | grep -x "[0-9]*-$name")" ] || continue
  count=$((count + 1))
  case $file in *.xz) xz -dc "$file" ;; *.zst) zstd -dcq "$file" ;; *) cat "$file" ;; esac >"modules/$count-$name"
done <list
rm list
cat >init <<'end of init'
${init}end of init
chmod 0755 init
find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0 --reproducible >/boot/katavm-initrd
cd /
rm -r "$work"
`;

/** For mmdebstrap's customize hook. */
export const initrdHook = `chroot "$1" sh -s <<'end of script'
${script}end of script
`;
