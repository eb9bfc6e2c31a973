#!/bin/sh
# Seal a master: run as root in the VM it is built from, over ssh, as the last thing before power-off.
#   cat quick-boot.sh seal.sh | ssh root@vm sh -s && ssh root@vm systemctl poweroff
# A sealed disk is neutral (no key, no identity, no secret, nothing that names its build) and quiet (nothing starts by
# itself in a clone). It ends with exit status 0 and the last line "katavm: sealed", and does not power off: the caller
# learns that it succeeded before the connection goes away.
# It keeps alive the ssh session that runs it: sshd, the network and this session's own keys (in /run) are not touched.
# What does not exist on this distribution is passed over; a failure of what must hold ends it with an error.
set -eu
export LC_ALL=C

say() { printf 'katavm: %s\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }
# The directories of everyone who can log in, root included.
homes() { awk -F: '$3 == 0 || ($3 >= 1000 && $3 < 65534) { print $6 }' /etc/passwd | sort -u; }

[ "$(id -u)" -eq 0 ] || { say "must be root"; exit 1; }
[ -s /usr/lib/katavm/identity ] || { say "the identity unit is not installed: a clone would have no host key"; exit 1; }
systemctl is-enabled -q katavm-identity.service || { say "katavm-identity.service is not enabled"; exit 1; }

# ------------------------------------------------------------------ 0. from here on nothing is logged to the disk
# A clone's journal stays in memory: no disk writes in the middle of a measurement, and nothing of this session's end is left.
mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=32M\n' >/etc/systemd/journald.conf.d/katavm.conf
systemctl restart systemd-journald.service
rm -rf /var/log/journal

# ------------------------------------------------------------------ 1. nothing starts by itself
# Timers, updaters and reporters: in a clone that lives for one job they cost processor time, disk and network at moments
# that nobody chose, and apt's lock when the job wants it. Masking works for absent units too, and survives package updates.
quiet='
  apt-daily.timer apt-daily.service apt-daily-upgrade.timer apt-daily-upgrade.service unattended-upgrades.service
  apt-news.service esm-cache.service ua-timer.timer ua-reboot-cmds.service ubuntu-advantage.service ubuntu-advantage.timer
  dnf-makecache.timer dnf-makecache.service dnf-automatic.timer dnf-automatic-install.timer dnf5-automatic.timer
  packagekit.service packagekit-offline-update.service
  man-db.timer man-db-cache-update.service mlocate.timer plocate-updatedb.timer updatedb.timer
  fstrim.timer fstrim.service e2scrub_all.timer e2scrub_reap.service xfs_scrub_all.timer btrfs-scrub@.timer mdcheck_start.timer
  mdcheck_continue.timer mdmonitor-oneshot.timer raid-check.timer
  dpkg-db-backup.timer logrotate.timer unbound-anchor.timer sysstat-collect.timer sysstat-summary.timer
  motd-news.timer motd-news.service update-notifier-download.timer update-notifier-motd.timer apport.service whoopsie.service
  kdump.service kdump-tools.service fwupd-refresh.timer fwupd.service
  snapd.service snapd.socket snapd.seeded.service snapd.refresh.timer snapd.snap-repair.timer lxd-agent.service
  cron.service crond.service anacron.timer atd.service
  systemd-networkd-wait-online.service NetworkManager-wait-online.service
  systemd-random-seed.service systemd-machine-id-commit.service systemd-hwdb-update.service
  grub-common.service grub-initrd-fallback.service
  systemd-tmpfiles-clean.timer systemd-pstore.service systemd-journal-catalog-update.service systemd-journal-flush.service
  systemd-sysusers.service systemd-network-generator.service systemd-update-done.service ldconfig.service
  modprobe@drm.service modprobe@efi_pstore.service modprobe@loop.service modprobe@dm_mod.service
  modprobe@fuse.service sys-fs-fuse-connections.mount systemd-update-utmp-runlevel.service
  getty@tty1.service
  systemd-networkd-persistent-storage.service systemd-udev-load-credentials.service systemd-tmpfiles-setup-dev-early.service
  modprobe@configfs.service systemd-hibernate-clear.service
'
# The modprobe@ units only load early what the kernel loads by itself at first use (losetup, docker, dmsetup, /dev/fuse); each
# costs a process, and eight loop devices for udev to look at. The journal stays in memory: nothing is to be flushed, and half the
# boot waited for that. No clone has a screen for a getty; the serial console's stays. Nobody asks for a clone's runlevel, gives its
# udev credentials, or has it lease addresses; device nodes are made once (the early unit is for users that are made at the boot).
# shellcheck disable=SC2086 # a list of units
mask system $quiet
# Stop those that run (a failure to stop one is no reason to fail; --no-block: never wait for a long upgrade).
# shellcheck disable=SC2086 # a list of units
systemctl stop --no-block $quiet 2>/dev/null || :
# What its socket starts at the first use need not start with the machine. Docker and containerd take a third of the boot's
# processor time, at the moment when sshd comes up and the job logs in, and are noise for a job that needs neither. Where the
# master holds a container, it may have to start by itself (a restart policy): then docker stays as it is.
case " ${KATAVM_KEEP:-} " in
  *" docker.service "*) ;;
  *)
    if systemctl is-enabled -q docker.socket 2>/dev/null && [ -z "$(ls -A /var/lib/docker/containers 2>/dev/null)" ]; then
      systemctl disable -q docker.service containerd.service 2>/dev/null || :
    fi
    ;;
esac
systemctl daemon-reload
rm -f /var/lib/systemd/timers/*

# An updater that runs at this very moment would be cut off by the power-off: wait for apt's lock, bounded.
if have apt-get; then
  # shellcheck disable=SC2016
  DEBIAN_FRONTEND=noninteractive timeout 300 apt-get -qq -o DPkg::Lock::Timeout=240 check >/dev/null || say "apt is busy or broken"
  if dpkg-query -W -f='${Status}' unattended-upgrades 2>/dev/null | grep -q 'ok installed'; then
    # The package also hooks into shutdown and apt's periodic settings: without it nothing else can call it.
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y purge unattended-upgrades >/dev/null 2>&1 || say "unattended-upgrades stays, masked"
  fi
  mkdir -p /etc/apt/apt.conf.d
  printf 'APT::Periodic::Enable "0";\n' >/etc/apt/apt.conf.d/99katavm
fi
# Not waiting in a menu that nobody sees. Only where GRUB boots this disk.
if [ -d /etc/default/grub.d ] && have update-grub; then
  printf 'GRUB_TIMEOUT=0\nGRUB_TIMEOUT_STYLE=hidden\nGRUB_RECORDFAIL_TIMEOUT=0\n' >/etc/default/grub.d/99-katavm.cfg
  update-grub >/dev/null 2>&1 || say "update-grub failed: the boot menu keeps its timeout"
elif [ -f /etc/default/grub ] && have grub2-mkconfig; then
  sed -i '/^GRUB_TIMEOUT/d' /etc/default/grub
  printf 'GRUB_TIMEOUT=0\n' >>/etc/default/grub
  # The path is the distribution's own link, right for BIOS and UEFI.
  grub2-mkconfig -o "$(readlink -f /etc/grub2.cfg || echo /boot/grub2/grub.cfg)" >/dev/null 2>&1 || say "grub2-mkconfig failed"
fi
# A job is no interactive session, which logind would register while the job waits. It stays in sshd's own unit, which has what a
# session's scope has; what else a session brings is there before sshd: the user's systemd, and its folder in /run.
# Left as it is where sessions get an environment of the config's own: of two SetEnv, sshd takes one.
not_interactive() {
  uid=$(id -u "$1")
  [ -f /etc/pam.d/common-session-noninteractive ] && [ -f /etc/ssh/sshd_config.d/00-katavm.conf ] || return 0
  ! sshd -T -C "user=$1,host=localhost,addr=127.0.0.1" | grep -q '^setenv ' || return 0
  sed -i 's/^@include common-session$/@include common-session-noninteractive/' /etc/pam.d/sshd
  printf 'Match User %s\n  SetEnv XDG_RUNTIME_DIR=/run/user/%s\n' "$1" "$uid" >/etc/ssh/sshd_config.d/10-katavm-job.conf
  mkdir -p /etc/systemd/system/ssh.service.d
  printf '%s\n' '[Unit]' "Wants=user@$uid.service" "After=user@$uid.service" \
    '[Service]' 'Slice=user.slice' 'TasksMax=infinity' 'OOMPolicy=continue' >/etc/systemd/system/ssh.service.d/katavm-job.conf
  sshd -t || { say "sshd refuses what it is configured to do"; exit 1; }
}
# A login waits for its user's own systemd, which is the slowest part of it: that one starts with the machine, beside the rest.
if [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ] && have loginctl; then
  if loginctl enable-linger "$SUDO_USER" 2>/dev/null; then
    not_interactive "$SUDO_USER"
  else
    say "the user's systemd starts at the login, not at the boot"
  fi
fi
# A message of the day, which scripts make at each login and ask the network for news: a job does not read it, and waits for it.
[ ! -f /etc/pam.d/sshd ] || sed -i '/^[^#].*pam_motd\.so/d' /etc/pam.d/sshd

# ------------------------------------------------------------------ 2. the network: any NIC, DHCP, no name, no MAC
# cloud-init wrote down the build's NIC. Names match en* and eth* and not Type=ether alone: the veth pairs of containers are
# of type ether too. The lease is asked for by MAC, because one master's clones would otherwise present ids that are derived
# from a machine-id.
rm -f /etc/netplan/50-cloud-init.yaml /etc/netplan/00-installer-config.yaml /etc/netplan/01-netcfg.yaml \
  /etc/network/interfaces.d/50-cloud-init* /etc/systemd/network/10-cloud-init-* /etc/systemd/network/*-netplan-* \
  /etc/NetworkManager/system-connections/cloud-init-* /etc/sysconfig/network-scripts/ifcfg-e* \
  /etc/udev/rules.d/70-persistent-net.rules /etc/udev/rules.d/85-persistent-net-cloud-init.rules
# What is left is the config's own; without any there is nothing to generate.
ls /etc/netplan/*.yaml /lib/netplan/*.yaml >/dev/null 2>&1 || mask system-generators netplan
if systemctl is-active -q systemd-networkd.service; then
  mkdir -p /etc/systemd/network
  printf '%s\n' '[Match]' 'Name=en* eth*' '' '[Network]' 'DHCP=yes' '' '[DHCP]' 'ClientIdentifier=mac' 'UseMTU=true' \
    >/etc/systemd/network/20-katavm.network
  # netplan's generator used to start networkd by itself; without a netplan file nobody would.
  systemctl enable -q systemd-networkd.service 2>/dev/null
elif systemctl is-active -q NetworkManager.service; then
  printf '%s\n' '[connection]' 'id=katavm' 'type=ethernet' 'multi-connect=3' '' '[ipv4]' 'method=auto' 'dhcp-client-id=mac' '' \
    '[ipv6]' 'method=auto' >/etc/NetworkManager/system-connections/katavm.nmconnection
  chmod 0600 /etc/NetworkManager/system-connections/katavm.nmconnection
elif [ -f /etc/network/interfaces ]; then
  # ifupdown knows no patterns (before 0.8.20): name the NICs that are here. Their PCI addresses, hence names, are pinned.
  {
    printf 'auto lo\niface lo inet loopback\n'
    for nic in /sys/class/net/en* /sys/class/net/eth*; do
      [ ! -e "$nic/device" ] || printf 'allow-hotplug %s\niface %s inet dhcp\n' "${nic##*/}" "${nic##*/}"
    done
  } >/etc/network/interfaces
else
  say "no network service that this script knows is active: the network is left as it is"
fi
rm -f /var/lib/dhcp/*.leases /var/lib/dhclient/* /var/lib/NetworkManager/*.lease /var/lib/NetworkManager/secret_key \
  /var/lib/NetworkManager/timestamps /var/lib/systemd/network/* 2>/dev/null || :

# ------------------------------------------------------------------ 3. cloud-init has done its work, once
# With this file nothing pulls its target in, and its generator has nothing to do. Its copies of user-data and metadata go with its instances.
if [ -d /etc/cloud ]; then
  : >/etc/cloud/cloud-init.disabled
  mask system-generators cloud-init-generator
  rm -rf /var/lib/cloud/instance /var/lib/cloud/instances /var/lib/cloud/seed /var/lib/cloud/data /var/lib/cloud/sem \
    /run/cloud-init/instance-data-sensitive.json
  rm -f /var/log/cloud-init.log /var/log/cloud-init-output.log /etc/ssh/sshd_config.d/50-cloud-init.conf
fi
# cloud-init's own units order sshd behind them even when they do nothing; its generator leaves them out when disabled.

# ------------------------------------------------------------------ 4. keys and identity
# shred before rm: a deleted small file can lie on in a cluster of the image that still holds something else, out of
# fstrim's reach. Good on ext4 and xfs, useless but harmless on copy-on-write file systems.
erase() {
  for file in "$@"; do
    if [ -f "$file" ] && [ ! -L "$file" ]; then shred -n 1 -z -u "$file" 2>/dev/null || :; fi
    rm -f "$file"
  done
}
# The links to /run stay: they hold nothing, and keep key generators away.
for key in /etc/ssh/ssh_host_*; do [ -L "$key" ] || erase "$key"; done
homes | while read -r home; do
  erase "$home"/.ssh/authorized_keys "$home"/.ssh/authorized_keys2 "$home"/.ssh/known_hosts "$home"/.ssh/known_hosts.old \
    "$home"/.ssh/id_* "$home"/.bash_history "$home"/.python_history "$home"/.lesshst "$home"/.viminfo "$home"/.wget-hsts \
    "$home"/.sudo_as_admin_successful
  rm -rf "$home/.cache/pip" "$home/.ansible" "$home/.cloud-locale-test.skip"
done
# A seed that all clones share is worse than none; the unit that would write a new one at power-off is masked above.
rm -f /var/lib/systemd/random-seed /var/lib/urandom/random-seed /var/lib/misc/random-seed /var/lib/systemd/credential.secret
rm -f /boot/loader/random-seed /efi/loader/random-seed /boot/efi/loader/random-seed
# No name of its own: PID 1 says "localhost" until the identity disk, or systemd.hostname=, says better.
rm -f /etc/hostname
sed -i '/^127\.0\.1\.1[[:space:]]/d' /etc/hosts

# ------------------------------------------------------------------ 5. secrets of the build's surroundings
# A proxy without a password is part of a site and stays useful to the job; a password in its URL is a secret and would be
# readable by every job. Take the password out, say so, and leave a file that still parses.
# KATAVM_PROXY_FILES: where cloud-init's part of katavm has put proxies.
# shellcheck disable=SC2086 # a list of files
for file in ${KATAVM_PROXY_FILES:-} /etc/environment /etc/wgetrc /etc/apt/apt.conf /etc/apt/apt.conf.d/* /etc/apt/sources.list \
  /etc/apt/sources.list.d/* /etc/profile.d/* /etc/dnf/dnf.conf /etc/yum.conf /etc/yum.repos.d/* /etc/pip.conf \
  /etc/gitconfig /etc/systemd/system/*.d/*.conf /etc/docker/daemon.json \
  $(homes | sed 's#$#/.gitconfig#; p; s#gitconfig$#npmrc#; p; s#npmrc$#curlrc#; p; s#curlrc$#wgetrc#'); do
  grep -Eqs '[a-z0-9]://[^/@[:space:]"]+@' "$file" || continue
  sed -i -E 's#([a-z0-9]://)[^/@[:space:]"]+@#\1#g' "$file"
  say "took a user name or password out of a URL in $file"
done
# netrc files are nothing but credentials.
for file in /etc/apt/auth.conf /etc/apt/auth.conf.d/* $(homes | sed 's#$#/.netrc#; p; s#netrc$#git-credentials#; p; s#git-credentials$#docker/config.json#'); do
  [ -f "$file" ] || continue
  erase "$file"
  say "removed $file, which held credentials"
done

# ------------------------------------------------------------------ 6. caches and logs
if have apt-get; then apt-get clean; rm -rf /var/lib/apt/lists/*; fi
if have dnf; then dnf -q clean all >/dev/null 2>&1 || :; rm -rf /var/cache/dnf/* /var/cache/libdnf5/*; fi
rm -rf /var/cache/snapd/* /var/crash/* /var/lib/systemd/coredump/* /root/.cache
# The log daemon would write its last lines at power-off.
systemctl stop --no-block syslog.socket rsyslog.service auditd.service 2>/dev/null || :
# Emptied, not removed: services expect their files with their owners. wtmp, btmp and lastlog name users and addresses.
find /var/log -xdev -type f \( -name '*.gz' -o -name '*.[0-9]' -o -name '*.old' \) -delete
find /var/log -xdev -type f -exec sh -c 'for file; do : >"$file"; done' sh {} +
# The contents of temporary folders, but nothing that a live session or private-tmp service holds open.
find /tmp /var/tmp -xdev -mindepth 1 -maxdepth 1 ! -name 'systemd-private-*' ! -name '.*-unix' -exec rm -rf {} +

# ------------------------------------------------------------------ 7. machine-id, last: services cannot be restarted without one
# Present and EMPTY: systemd takes a new id at each boot (systemd.machine_id=, else the VM's UUID, else random) and does not
# take the boot for a first boot. Not truncated through a mount: systemd may have mounted its own file over this one.
umount /etc/machine-id 2>/dev/null || :
: >/etc/machine-id
[ ! -e /var/lib/dbus ] || ln -sf /etc/machine-id /var/lib/dbus/machine-id

# ------------------------------------------------------------------ 8. give the space back, and check
sync
fstrim -a 2>/dev/null || fstrim / 2>/dev/null || say "this disk does not take discards"
leftover=$(find /etc/ssh -type f -name 'ssh_host_*'; homes | sed 's#$#/.ssh/authorized_keys#' | xargs -r ls -d 2>/dev/null || :)
[ -z "$leftover" ] || { say "still there: $leftover"; exit 1; }
[ ! -s /etc/machine-id ] || { say "/etc/machine-id is not empty"; exit 1; }
say sealed
