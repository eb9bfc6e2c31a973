# shellcheck shell=bash
# Brings libvirt's system daemon up. Needs say.sh. Root only: a user's session daemon starts by itself.

with_systemd() { [ -d /run/systemd/system ]; }

libvirt_answers() { virsh -q -c qemu:///system uri >/dev/null 2>&1 </dev/null; }

# The commands that start libvirt here, one on each line, as a shell takes them.
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
  local daemon=virtqemud
  [ -x /usr/sbin/libvirtd ] && daemon=libvirtd
  runs $daemon || reaped $daemon
}

# reaped DAEMON: the command that starts it. libvirt ends a guest by looking every 200 ms whether QEMU's process is there, and
# a process that has ended is there until its parent has asked how. QEMU's parent is the host's first process, as for
# everything that becomes a daemon: what stands there in a container may do that a second later, or never, and libvirt gives
# up after 15 s. tini does it at once, for what runs below it.
reaped() {
  if command -v tini >/dev/null; then
    # In the foreground, or tini would have nothing to stay for. That is why its output needs a place.
    echo "setsid --fork tini -s -- $1 >>/var/log/libvirt/$1.log 2>&1 </dev/null"
  else
    echo "$1 -d"
  fi
}

# Under tini a daemon listens some moments after its start. It makes its sockets, and they answer, in well under a second.
libvirt_will_answer() {
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    if libvirt_answers; then return; fi
    sleep 0.1
  done
  return 1
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

# say_if_closed_to_qemu HOME OTHER: on qemu:///system QEMU runs as a user of its own, which has to pass through the home's folders. Where
# one has an access list ("+"), its mode says nothing.
say_if_closed_to_qemu() {
  local folder=$1 mode
  while [ "$folder" != / ]; do
    mode=$(ls -ld "$folder" 2>/dev/null) || mode=
    if [[ $mode = d????????[!xt][!+]* ]]; then
      say "QEMU's user cannot pass through $folder (${mode%% *}), so no guest starts from $1:
  chmod o+x $folder, or make another home: sudo install -d -o ${user:?} -m 0711 $2 && export KATAVM_HOME=$2"
      return
    fi
    folder=$(dirname "$folder")
  done
}
