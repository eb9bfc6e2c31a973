#!/bin/sh
# What the boot of a clone leaves out, besides the units that seal.sh masks: the first part of sealing, in the same shell.
# Each part looks whether this distribution has what it is about. Much of it is for emulated guests, where a process takes 30 to 60 ms,
# and one that systemd 255 and later starts for a unit twice that (docs/decisions/quick-boot.md).
set -eu
export LC_ALL=C

# KATAVM_KEEP: units and generators that a config wants left as they are.
mask() {
  folder=/etc/systemd/$1
  [ "$1" != tmpfiles.d ] || folder=/etc/tmpfiles.d
  shift
  mkdir -p "$folder"
  for name; do
    case " ${KATAVM_KEEP:-} " in *" $name "*) continue ;; esac
    # A link to /dev/null is what "systemctl mask" makes; systemctl refuses where a real file lies in /etc (remove it first).
    rm -f "$folder/$name"
    ln -s /dev/null "$folder/$name"
  done
}
# What makes units before any starts: a process each, for disks and files that are not there.
mask system-generators systemd-gpt-auto-generator systemd-hibernate-resume-generator systemd-system-update-generator \
  systemd-bless-boot-generator systemd-tpm2-generator systemd-factory-reset-generator systemd-run-generator
# It has sshd listen on a machine's local sockets as well, and loads four modules to find out whether there are any.
mask system-generators systemd-ssh-generator
for kind in crypt verity integrity; do
  [ -s "/etc/${kind}tab" ] || mask system-generators "systemd-${kind}setup-generator"
done
# A root file system that the kernel was told to mount for writing is; without lines in fstab nothing else is to be mounted anew.
if grep -qE '(^| )rw( |$)' /proc/cmdline && ! grep -qs '^[^#]' /etc/fstab; then mask system systemd-remount-fs.service; fi
# Logins are let in when the network is set up. sshd waits for that by itself, and the user's systemd need not wait as well.
if [ -e /usr/lib/tmpfiles.d/systemd-nologin.conf ]; then
  mask tmpfiles.d systemd-nologin.conf
  mask system systemd-user-sessions.service
fi
[ -e /etc/rc.local ] || [ -e /etc/rc.d/rc.local ] || mask system-generators systemd-rc-local-generator
mask user-generators systemd-xdg-autostart-generator # of a desktop's session
# sshd looks at its configuration when it starts: a trial before that, as Debian's unit has it, is a second start, while the job
# waits for the first.
for unit in ssh.service sshd.service; do
  [ -L "/etc/systemd/system/$unit" ] && continue # an alias of the other
  trial=$(systemctl show -p ExecStartPre --value "$unit" 2>/dev/null) || continue
  case $trial in
    *"argv[]="*"argv[]="*) ;; # more than the trial
    *"/sshd -t ;"*)
      mkdir -p "/etc/systemd/system/$unit.d"
      printf '[Service]\nExecStartPre=\n' >"/etc/systemd/system/$unit.d/katavm.conf"
      ;;
  esac
done
# resolved reads the file of all certificate authorities when it starts, and everything waits for it. It finds each by its hash as
# well, where the distribution has links of that kind, and needs none before a server speaks DNS over TLS. A config's
# own drop-in has a later name, and wins.
if [ -e /lib/systemd/system/systemd-resolved.service ] && ls /usr/lib/ssl/certs/*.0 >/dev/null 2>&1; then
  mkdir -p /etc/systemd/system/systemd-resolved.service.d
  printf '[Service]\nEnvironment=SSL_CERT_FILE=/dev/null\n' >/etc/systemd/system/systemd-resolved.service.d/00-katavm.conf
fi
# Nothing of the boot but the network's end waits for names to be resolved. systemd 257 has all of it wait.
unit=/usr/lib/systemd/system/systemd-resolved.service
if grep -qs '^Before=.*sysinit\.target' $unit && [ ! -e /etc/systemd/system/systemd-resolved.service ]; then
  sed '/^Before=/s/ *sysinit\.target//' $unit >/etc/systemd/system/systemd-resolved.service
fi
# Python's compiled files as programs of their own (python3.13 has a file for that): no reason to load a module and start a unit at
# each boot. What a job installs (qemu-user) starts that one.
others=$(find /usr/lib/binfmt.d /etc/binfmt.d -name '*.conf' ! -name 'python3.*' 2>/dev/null || :)
[ -n "$others" ] || rm -f /usr/lib/systemd/system/sysinit.target.wants/systemd-binfmt.service
# udev is asked to look at every device that the kernel has found, 270 and 200 drivers of them, a third of an emulated boot. Most are
# none: memory, consoles without a screen, timers, what ACPI lists. What they bring is kept: the serial console, the power button,
# QEMU's own device. What comes up later is looked at as ever.
left_out=
for subsystem in tty memory node memory_tiering vc vtconsole graphics acpi workqueue wakeup event_source clockevents clocksource \
  machinecheck bdi container serial-base leds thermal dma_heap pci_bus dmi; do
  left_out="$left_out --subsystem-nomatch=$subsystem"
done
folder=/etc/systemd/system/systemd-udev-trigger.service.d
first="udevadm trigger --type=devices --action=add --prioritized-subsystem=block,net$left_out"
if $first --dry-run 2>/dev/null; then
  mkdir -p $folder
  cat >$folder/katavm.conf <<END
[Service]
ExecStart=
ExecStart=-$first
ExecStart=-udevadm trigger --action=add --subsystem-match=tty --subsystem-match=acpi --sysname-match=tty[A-Z]* --sysname-match=hvc* \
  --sysname-match=LNXPWRBN:* --sysname-match=PNP0C0C:* --sysname-match=QEMU*
END
fi
# The machine has a controller for disks of a kind that no guest of katavm gets, and ports for a mouse. Asked for by name they are there.
if [ -d /sys/module/virtio_blk ] && ! ls -d /sys/block/s[dr]* >/dev/null 2>&1; then
  printf 'blacklist ahci\nblacklist psmouse\nblacklist serio_raw\n' >/etc/modprobe.d/katavm.conf
fi
