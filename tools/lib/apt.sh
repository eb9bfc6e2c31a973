# shellcheck shell=bash
# Installs packages with apt, and upgrades none that need not be. Needs say.sh, log.sh and packages.sh.

# Where a new package needs an installed one at a newer version, apt upgrades everything else of its source as well, needed or not.
apt_install=(apt-get install -q -y --no-install-recommends -o APT::Get::Upgrade-By-Source-Package=false)

# simulate WORD...: what apt would do, one line for each package: name, version now ("-" for a new one), version then.
simulate() {
  "${apt_install[@]}" -s "$@" 2>/dev/null </dev/null |
    awk '$1 == "Inst" { if ($3 ~ /^\[/) print $2, substr($3, 2, length($3) - 2), substr($4, 2); else print $2, "-", substr($3, 2) }'
}

upgrades() { awk '$2 != "-"'; }

# Of a plan: the new packages that upgrade installed ones only since their siblings must have the same version, at the version that
# those have: "systemd-container=252.38-1~deb12u1". As far as the archive still has it.
at_installed_version() {
  local word
  awk '$2 == "-" { new[$1] = $3 } $2 != "-" { old[$3] = $2 } END { for (name in new) if (new[name] in old) print name "=" old[new[name]] }' |
    while read -r word; do if apt-cache show "$word" >/dev/null 2>&1; then echo "$word"; fi; done
}

# choose_packages WORD...: sets packages (apt's words) and plan (what it would do), with as few upgrades as there can be.
choose_packages() {
  packages=("$@")
  plan=$(simulate "${packages[@]}") || plan=
  # libvirt's start scripts in place of systemd's units, which bring systemd itself up to date.
  if ! with_systemd && [[ " $* " = *' libvirt-daemon-system '* ]]; then choose_if_fewer libvirt-daemon-system-sysv; fi
  local siblings
  mapfile -t siblings < <(at_installed_version <<<"$plan")
  if [ ${#siblings[@]} -gt 0 ]; then choose_if_fewer "${siblings[@]}"; fi
}

choose_if_fewer() {
  local other
  other=$(simulate "${packages[@]}" "$@") && [ -n "$other" ] || return 0
  [ "$(upgrades <<<"$other" | wc -l)" -lt "$(upgrades <<<"$plan" | wc -l)" ] || return 0
  packages+=("$@")
  plan=$other
}

# The line of a plan that people are told. Where they have agreed to one, it is said again only where it upgrades something.
plan_apt() {
  choose_packages "$@"
  [ -n "$plan" ] || return 0
  local upgraded
  upgraded=$(upgrades <<<"$plan" | awk '{ printf "%s%s", (NR > 1 ? ", " : ""), $1 }')
  [ -z "${agreed:-}" ] || [ -n "$upgraded" ] || return 0
  say "with what they need: $(grep -c ' - ' <<<"$plan") packages; ${upgraded:+they need these at newer versions: }${upgraded:-none that is installed is upgraded}"
}

install_with_apt() {
  # No daemon starts while packages are unpacked: sshd must not start at all, libvirt is started below. The file is a
  # convention of Debian's (invoke-rc.d); a host that has one has its own reasons, and keeps it.
  local policy=/usr/sbin/policy-rc.d made=
  if [ -z "${dry_run:-}" ] && [ ! -e "$policy" ]; then
    made=yes
    # shellcheck disable=SC2064 # the path of now
    trap "rm -f $policy" EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  do_it env DEBIAN_FRONTEND=noninteractive "${apt_install[@]}" "${packages[@]}"
  [ -z "$made" ] || rm -f "$policy"
  trap - EXIT
}
