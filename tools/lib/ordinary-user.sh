# shellcheck shell=bash
# What an ordinary user needs of root on this host, by sudo. Needs say.sh, yes= and dry_run=.

# lacks_kvm USER: there is a /dev/kvm, this user is none of its group, and it is not for everybody.
lacks_kvm() {
  [ -c /dev/kvm ] && [ "$(stat -c '%G %A' /dev/kvm | grep -c 'kvm crw.rw..[^w]')" = 1 ] && ! id -nG "$1" | grep -qw kvm
}

# may_go_on: whether the user agrees that root does what was said. Nobody is asked where nobody can answer.
may_go_on() {
  command -v sudo >/dev/null || return 1
  [ -z "${yes:-}" ] || return 0
  [ -t 0 ] && [ -t 2 ] || return 1
  local answer
  read -r -p "${0##*/}: do this now, by sudo? [Y/n] " answer || return 1
  [[ ${answer:-y} = [Yy]* ]]
}

# by_sudo WORD...: this program again, as root. 1 where sudo refuses.
by_sudo() {
  local code=0
  sudo -- "$(readlink -f "$0")" --agreed "$@" || code=$?
  [ $code -ne 1 ] || return 1
  [ $code -eq 0 ] || exit $code
}

# A group that was joined counts from the next login on.
join_kvm() {
  do_it usermod --append --groups kvm "$1"
  say "$1 is in the group kvm from the next login on (for now: sg kvm -c COMMAND)"
}
