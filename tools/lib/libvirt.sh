# shellcheck shell=bash
# Brings libvirt's system daemon up. Needs say.sh. Root only: a user's session daemon starts by itself.

with_systemd() { [ -d /run/systemd/system ]; }

libvirt_answers() { virsh -q -c qemu:///system uri >/dev/null 2>&1 </dev/null; }

# The commands that start libvirt here, one on each line.
start_libvirt_commands() {
  if with_systemd; then
    if systemctl cat libvirtd.service >/dev/null 2>&1; then
      echo 'systemctl enable --now libvirtd.service'
    else
      echo 'systemctl enable --now virtqemud.socket virtlogd.socket'
    fi
    return
  fi
  runs virtlogd || echo 'virtlogd -d'
  if [ -x /usr/sbin/libvirtd ]; then
    runs libvirtd || echo 'libvirtd -d'
  else
    runs virtqemud || echo 'virtqemud -d'
  fi
}

# runs DAEMON: by its pid file, which may be left over from a daemon that was killed.
runs() {
  local pid
  pid=$(cat "/run/$1.pid" 2>/dev/null) && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$1" ]
}

# Without udev nobody gives /dev/kvm to group kvm. libvirtd then probes QEMU anew at every call, 90 s each, because the user
# that guests run as cannot open it.
kvm_needs_mending() {
  [ -c /dev/kvm ] && [ ! -e /run/udev/control ] && [ "$(stat -c '%a %U' /dev/kvm)" = '600 root' ] && getent group kvm >/dev/null
}
