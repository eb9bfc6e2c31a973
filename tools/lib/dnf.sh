# shellcheck shell=bash
# Installs packages with dnf, which upgrades what the new ones need at a newer version, and nothing else. Needs say.sh and log.sh.

dnf_install=(dnf install -q --setopt=install_weak_deps=False)

# plan_dnf WORD...: sets packages (dnf's words), and says what else they change.
plan_dnf() {
  packages=("$@")
  local upgraded
  upgraded=$(LC_ALL=C "${dnf_install[@]}" --assumeno "$@" 2>/dev/null </dev/null |
    awk '/^[A-Z]/ { on = /^Upgrading:/ } on && /^ / && !/replacing/ { printf "%s%s", (n++ ? ", " : ""), $1 }') || true
  if [ -n "$upgraded" ]; then say "with what they need; they need these at newer versions: $upgraded"; fi
}

install_with_dnf() { do_it "${dnf_install[@]}" -y "${packages[@]}"; }
