# shellcheck shell=bash
# turbo, which runs the tasks of turbo.json, each once for the same inputs (docs/decisions/turbo.md). Needs root= (the checkout).

# What a test's result may depend on beside this checkout, as text: a comparison shows why a test runs again.
host_facts() {
  printf 'node %s\nnpm %s\nuser %s\nprocessors %s\n' "$(node --version)" "$(npm --version)" "$(id -u)" "$(nproc)"
  uname -srm
  grep MemTotal /proc/meminfo
  [ ! -w /dev/kvm ] || echo /dev/kvm
  # What no package has brought is known by its place alone.
  type -P virsh qemu-system-x86_64 qemu-img ssh sshd xorriso mmdebstrap python3 git java || true
  dpkg-query --show 2>/dev/null || rpm --query --all 2>/dev/null | sort
}

# run_turbo WORDS...: turbo with the pinned pnpm. It asks for no news and tells nobody anything.
run_turbo() (
  cd "${root:?}" || exit
  mkdir -p .tools
  host_facts >".tools/host.$BASHPID"
  mv ".tools/host.$BASHPID" .tools/host
  export PATH=$root/.tools/pnpm/node_modules/.bin:$PATH DO_NOT_TRACK=1 TURBO_TELEMETRY_DISABLED=1
  [[ " $* " == *' build '* ]] || exec node node_modules/turbo/bin/turbo "$@"
  # As old as the sources that it knows: what is newer than this file is not in the build (tools/katavm).
  : >".tools/built.$BASHPID"
  node node_modules/turbo/bin/turbo "$@" || { rm ".tools/built.$BASHPID" && exit 1; }
  mv ".tools/built.$BASHPID" .tools/built
)
