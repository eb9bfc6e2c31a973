# shellcheck shell=bash
# The host's packages: which are missing, and the commands that install them. Needs say.sh, and library= (this folder).

# Prints apt, dnf or nothing.
package_manager() {
  if command -v apt-get >/dev/null; then
    echo apt
  elif command -v dnf >/dev/null; then
    echo dnf
  fi
}

# listed MANAGER WHEN...: the packages of the list that are needed then.
listed() {
  local manager=$1
  shift
  awk -v when=" $* " '!/^#/ && NF && index(when, " " $1 " ") { print $3 }' "${library:?}/packages.$manager"
}

# by_purpose MANAGER PACKAGE...: a line for each purpose that these packages serve: "guests: qemu-system-x86 qemu-utils"
by_purpose() {
  local manager=$1
  shift
  awk -v wanted=" $* " '!/^#/ && NF && index(wanted, " " $3 " ") {
    if (!($2 in words)) order[++n] = $2
    words[$2] = words[$2] " " $3
  } END { for (i = 1; i <= n; i++) print order[i] ":" words[order[i]] }' "${library:?}/packages.$manager"
}

# missing MANAGER PACKAGE...: those that are not installed. One call for all: this runs at every start.
missing() {
  local manager=$1
  shift
  if [ "$manager" = apt ]; then
    # shellcheck disable=SC2016 # dpkg-query's variables
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
      awk -v all="$*" '$1 == "installed" { have[$2] } END { n = split(all, name, " "); for (i = 1; i <= n; i++) if (!(name[i] in have)) print name[i] }'
  else
    local package
    for package in "$@"; do rpm -q --quiet --whatprovides "$package" || printf '%s\n' "$package"; done
  fi
}

# available MANAGER PACKAGE...: those that can be installed, by what the host knows now.
available() {
  local manager=$1 package
  shift
  for package in "$@"; do
    if [ "$manager" = apt ]; then
      # Read to its end: where pipefail is set, a reader that stops at the line it looks for makes apt-cache fail.
      LC_ALL=C apt-cache policy "$package" | awk '$1 == "Candidate:" && $2 !~ /^\(/ { found = 1 } END { exit !found }' && printf '%s\n' "$package"
    else
      dnf -q list --available "$package" >/dev/null 2>&1 && printf '%s\n' "$package"
    fi
  done
  return 0
}
